//===- Attrs.td - dimension names, sizes, roles, kinds ------*- tablegen -*-===//
#ifndef SSM_ATTRS_TD
#define SSM_ATTRS_TD

include "Base.td"

class Ssm_Attr<string name, string attrMnemonic, list<Trait> traits = []>
    : AttrDef<Ssm_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

def Ssm_DimsAttr : Ssm_Attr<"Dims", "dims", [DeclareAttrInterfaceMethods<VerifiableTensorEncoding>]> {
  let summary = "names of a tensor's dimensions, in the order of its shape";
  let description = [{
    `tensor<?x32xf32, #ssm.dims<H, N>>`. Names are unique within a tensor; those
    that are no identifiers (literal sizes) are quoted. Equal names within one
    function are one dimension of one size.
  }];
  let parameters = (ins ArrayRefParameter<"::mlir::StringAttr">:$names);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def Ssm_SizeOp : I32EnumAttr<"SizeOp", "operation of a size expression", [
    I32EnumAttrCase<"Const", 0, "const">, I32EnumAttrCase<"Dim", 1, "dim">,
    I32EnumAttrCase<"Add", 2, "add">, I32EnumAttrCase<"Sub", 3, "sub">,
    I32EnumAttrCase<"Mul", 4, "mul">, I32EnumAttrCase<"FloorDiv", 5, "floordiv">,
    I32EnumAttrCase<"CeilDiv", 6, "ceildiv">, I32EnumAttrCase<"Mod", 7, "mod">,
    I32EnumAttrCase<"Min", 8, "min">, I32EnumAttrCase<"Max", 9, "max">,
    I32EnumAttrCase<"Div", 10, "div">, I32EnumAttrCase<"Log2", 11, "log2">,
    I32EnumAttrCase<"Pow2", 12, "pow2">, I32EnumAttrCase<"Pow2Part", 13, "pow2part">,
    I32EnumAttrCase<"Gcd", 14, "gcd">]> {
  let cppNamespace = "::ssm";
  let genSpecializedAttr = 0;
}

def Ssm_SizeAttr : Ssm_Attr<"Size", "size"> {
  let summary = "a size as an expression of other dimensions";
  let description = [{
    `32`, `L`, `add(floordiv(L, 2), 1)`. `div` and `log2` are exact: the runtime
    refuses sizes that leave a remainder. `pow2part(x)` is the largest power of
    two that divides x.
  }];
  let parameters = (ins "::ssm::SizeOp":$op, "int64_t":$value, "::mlir::StringAttr":$dim,
                        ArrayRefParameter<"::mlir::Attribute">:$operands);
  let hasCustomAssemblyFormat = 1;
  let extraClassDeclaration = [{
    static SizeAttr constant(::mlir::MLIRContext *context, int64_t value);
    static SizeAttr ofDim(::mlir::StringAttr dim);
    /// Folds where all operands are constant and the result is exact.
    static SizeAttr make(::ssm::SizeOp op, ::llvm::ArrayRef<SizeAttr> operands);
    SizeAttr operand(unsigned i) const;
    /// The value where it is a constant.
    std::optional<int64_t> constantValue() const;
  }];
}

def Ssm_DimAttr : Ssm_Attr<"Dim", "dim"> {
  let summary = "an entry of a function's table of dimensions";
  let description = [{
    `#ssm.dim<B>` is open (bound by an argument or the caller), `#ssm.dim<N = 32>`
    constant, `#ssm.dim<K = add(floordiv(L, 2), 1)>` computed. Every name that a
    function uses stands in its `ssm.dims` attribute, in the order of binding.
  }];
  let parameters = (ins "::mlir::StringAttr":$name, OptionalParameter<"::ssm::SizeAttr">:$size);
  let hasCustomAssemblyFormat = 1;
}

def Ssm_RoleEnum : I32EnumAttr<"Role", "what an argument or result of a layer is", [
    I32EnumAttrCase<"Input", 0, "input">, I32EnumAttrCase<"Param", 1, "param">,
    I32EnumAttrCase<"State", 2, "state">, I32EnumAttrCase<"Seed", 3, "seed">,
    I32EnumAttrCase<"Output", 4, "output">]> {
  let cppNamespace = "::ssm";
  let genSpecializedAttr = 0;
}
def Ssm_RoleAttr : EnumAttr<Ssm_Dialect, Ssm_RoleEnum, "role"> {
  let assemblyFormat = "`<` $value `>`";
}

/// Pointwise functions. Result kinds are checked by MapOp's verifier.
def Ssm_MapFnEnum : I32EnumAttr<"MapFn", "pointwise function", [
    I32EnumAttrCase<"Add", 0, "add">, I32EnumAttrCase<"Sub", 1, "sub">,
    I32EnumAttrCase<"Mul", 2, "mul">, I32EnumAttrCase<"Div", 3, "div">,
    I32EnumAttrCase<"Pow", 4, "pow">, I32EnumAttrCase<"Min", 5, "min">,
    I32EnumAttrCase<"Max", 6, "max">, I32EnumAttrCase<"FloorDiv", 7, "floordiv">,
    I32EnumAttrCase<"Mod", 8, "mod">,
    I32EnumAttrCase<"Neg", 10, "neg">, I32EnumAttrCase<"Abs", 11, "abs">,
    I32EnumAttrCase<"Sign", 12, "sign">, I32EnumAttrCase<"Floor", 13, "floor">,
    I32EnumAttrCase<"Ceil", 14, "ceil">,
    I32EnumAttrCase<"Exp", 20, "exp">, I32EnumAttrCase<"Expm1", 21, "expm1">,
    I32EnumAttrCase<"Log", 22, "log">, I32EnumAttrCase<"Log1p", 23, "log1p">,
    I32EnumAttrCase<"Sqrt", 24, "sqrt">, I32EnumAttrCase<"Rsqrt", 25, "rsqrt">,
    I32EnumAttrCase<"Sin", 26, "sin">, I32EnumAttrCase<"Cos", 27, "cos">,
    I32EnumAttrCase<"Tanh", 28, "tanh">, I32EnumAttrCase<"Sigmoid", 29, "sigmoid">,
    I32EnumAttrCase<"Softplus", 30, "softplus">, I32EnumAttrCase<"Relu", 31, "relu">,
    I32EnumAttrCase<"Elu", 32, "elu">, I32EnumAttrCase<"Gelu", 33, "gelu">,
    I32EnumAttrCase<"GeluTanh", 34, "gelu_tanh">, I32EnumAttrCase<"Silu", 35, "silu">,
    I32EnumAttrCase<"Lt", 40, "lt">, I32EnumAttrCase<"Le", 41, "le">,
    I32EnumAttrCase<"Gt", 42, "gt">, I32EnumAttrCase<"Ge", 43, "ge">,
    I32EnumAttrCase<"Eq", 44, "eq">, I32EnumAttrCase<"Ne", 45, "ne">,
    I32EnumAttrCase<"And", 50, "and">, I32EnumAttrCase<"Or", 51, "or">,
    I32EnumAttrCase<"Not", 52, "not">, I32EnumAttrCase<"Select", 53, "select">,
    I32EnumAttrCase<"Complex", 60, "complex">, I32EnumAttrCase<"Re", 61, "re">,
    I32EnumAttrCase<"Im", 62, "im">, I32EnumAttrCase<"Conj", 63, "conj">,
    I32EnumAttrCase<"Cast", 70, "cast">]> {
  let cppNamespace = "::ssm";
  let genSpecializedAttr = 0;
}
def Ssm_MapFnAttr : EnumAttr<Ssm_Dialect, Ssm_MapFnEnum, "fn"> {
  let assemblyFormat = "$value";
}

def Ssm_MonoidEnum : I32EnumAttr<"Monoid", "monoid of a reduction", [
    I32EnumAttrCase<"Add", 0, "add">, I32EnumAttrCase<"Mul", 1, "mul">,
    I32EnumAttrCase<"Max", 2, "max">, I32EnumAttrCase<"Min", 3, "min">,
    I32EnumAttrCase<"LogSumExp", 4, "logsumexp">]> {
  let cppNamespace = "::ssm";
  let genSpecializedAttr = 0;
}
def Ssm_MonoidAttr : EnumAttr<Ssm_Dialect, Ssm_MonoidEnum, "monoid"> {
  let assemblyFormat = "$value";
}

def Ssm_ConvModeEnum : I32EnumAttr<"ConvMode", "where a convolution reads", [
    I32EnumAttrCase<"Causal", 0, "causal">, I32EnumAttrCase<"Anticausal", 1, "anticausal">,
    I32EnumAttrCase<"Circular", 2, "circular">, I32EnumAttrCase<"Same", 3, "same">]> {
  let cppNamespace = "::ssm";
  let genSpecializedAttr = 0;
}
def Ssm_ConvModeAttr : EnumAttr<Ssm_Dialect, Ssm_ConvModeEnum, "conv_mode"> {
  let assemblyFormat = "$value";
}

def Ssm_FftKindEnum : I32EnumAttr<"FftKind", "Fourier transform", [
    I32EnumAttrCase<"Rfft", 0, "rfft">, I32EnumAttrCase<"Irfft", 1, "irfft">,
    I32EnumAttrCase<"Fft", 2, "fft">, I32EnumAttrCase<"Ifft", 3, "ifft">]> {
  let cppNamespace = "::ssm";
  let genSpecializedAttr = 0;
}
def Ssm_FftKindAttr : EnumAttr<Ssm_Dialect, Ssm_FftKindEnum, "fft_kind"> {
  let assemblyFormat = "$value";
}

def Ssm_DistributionEnum : I32EnumAttr<"Distribution", "distribution of an initialiser", [
    I32EnumAttrCase<"Uniform", 0, "uniform">, I32EnumAttrCase<"Normal", 1, "normal">]> {
  let cppNamespace = "::ssm";
  let genSpecializedAttr = 0;
}
def Ssm_DistributionAttr : EnumAttr<Ssm_Dialect, Ssm_DistributionEnum, "distribution"> {
  let assemblyFormat = "$value";
}

def Ssm_StructureEnum : I32EnumAttr<"Structure", "structure of a matrix", [
    I32EnumAttrCase<"Diagonal", 0, "diagonal">, I32EnumAttrCase<"LowRank", 1, "lowrank">,
    I32EnumAttrCase<"BlockDiagonal", 2, "block_diagonal">,
    I32EnumAttrCase<"FlatButterfly", 3, "flat_butterfly">,
    I32EnumAttrCase<"BlockSparse", 4, "block_sparse">,
    I32EnumAttrCase<"Monarch", 5, "monarch">, I32EnumAttrCase<"Butterfly", 6, "butterfly">,
    I32EnumAttrCase<"Toeplitz", 7, "toeplitz">, I32EnumAttrCase<"Circulant", 8, "circulant">]> {
  let cppNamespace = "::ssm";
  let genSpecializedAttr = 0;
}
def Ssm_StructureAttr : EnumAttr<Ssm_Dialect, Ssm_StructureEnum, "structure"> {
  let assemblyFormat = "$value";
}

#endif
