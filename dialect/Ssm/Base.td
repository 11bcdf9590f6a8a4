//===- Base.td - the ssm dialect and its types --------------*- tablegen -*-===//
//
// What a layer means, on tensors whose dimensions have names. The rationale is
// in README.md beside this file.
//
//===----------------------------------------------------------------------===//
#ifndef SSM_BASE_TD
#define SSM_BASE_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/TensorEncoding.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"

def Ssm_Dialect : Dialect {
  let name = "ssm";
  let cppNamespace = "::ssm";
  let summary = "Structured sequence layers over named dimensions";
  let description = [{
    The level on which a layer's meaning, algebra, fusion and plans live.
    Operations are pure functions of tensors whose dimensions carry names in
    their type, `tensor<?x?x32xf32, #ssm.dims<B, H, N>>`; a dimension is known by
    its name and never by its place. Scalars are tensors of rank 0 without an
    encoding. Constants are `arith.constant`.
  }];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
  let hasConstantMaterializer = 1;
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::complex::ComplexDialect",
                           "::mlir::func::FuncDialect"];
}

class Ssm_Op<string mnemonic, list<Trait> traits = []> : Op<Ssm_Dialect, mnemonic, traits>;
class Ssm_PureOp<string mnemonic, list<Trait> traits = []> : Ssm_Op<mnemonic, !listconcat([Pure], traits)>;

def Ssm_Tensor : Type<CPred<"::ssm::isNamedTensor($_self)">,
    "tensor with named dimensions", "::mlir::RankedTensorType">;
def Ssm_IntTensor : Type<And<[CPred<"::ssm::isNamedTensor($_self)">,
    CPred<"::llvm::cast<::mlir::RankedTensorType>($_self).getElementType().isInteger(64)">]>,
    "tensor of i64 with named dimensions", "::mlir::RankedTensorType">;
def Ssm_IntScalar : Type<And<[Ssm_IntTensor.predicate,
    CPred<"::llvm::cast<::mlir::RankedTensorType>($_self).getRank() == 0">]>,
    "i64 scalar tensor", "::mlir::RankedTensorType">,
    BuildableType<"::mlir::RankedTensorType::get({}, $_builder.getI64Type())">;
def Ssm_BoolScalar : Type<And<[CPred<"::ssm::isNamedTensor($_self)">,
    CPred<"::llvm::cast<::mlir::RankedTensorType>($_self).getElementType().isInteger(1)">,
    CPred<"::llvm::cast<::mlir::RankedTensorType>($_self).getRank() == 0">]>,
    "i1 scalar tensor", "::mlir::RankedTensorType">,
    BuildableType<"::mlir::RankedTensorType::get({}, $_builder.getI1Type())">;

#endif
