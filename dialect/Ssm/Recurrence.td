//===- Recurrence.td - raised: recurrences known to be linear -*- tablegen -*-===//
//
// What ssm-raise makes of a scan whose carry is linear and whose transition acts on
// each element alone. The forms that it may take follow from the dimensions of its
// factors; they are listed with it, each refused one with its reason.
//
//===----------------------------------------------------------------------===//
#ifndef SSM_RECURRENCE_TD
#define SSM_RECURRENCE_TD

include "Attrs.td"

def Ssm_SemiringEnum : I32EnumAttr<"Semiring", "what adds and multiplies in a recurrence", [
    I32EnumAttrCase<"Real", 0, "real">, I32EnumAttrCase<"MaxPlus", 1, "max_plus">,
    I32EnumAttrCase<"MinPlus", 2, "min_plus">, I32EnumAttrCase<"LogPlus", 3, "log_plus">]> {
  let cppNamespace = "::ssm";
  let genSpecializedAttr = 0;
}
def Ssm_SemiringAttr : EnumAttr<Ssm_Dialect, Ssm_SemiringEnum, "semiring"> {
  let assemblyFormat = "$value";
}

def Ssm_FormKindEnum : I32EnumAttr<"FormKind", "an equal form of a linear recurrence", [
    I32EnumAttrCase<"Sequential", 0, "sequential">, I32EnumAttrCase<"Scan", 1, "scan">,
    I32EnumAttrCase<"Chunk", 2, "chunk">, I32EnumAttrCase<"ChunkFactored", 3, "chunk_factored">,
    I32EnumAttrCase<"Convolution", 4, "convolution">, I32EnumAttrCase<"Project", 5, "project">,
    I32EnumAttrCase<"Sum", 6, "sum">]> {
  let cppNamespace = "::ssm";
  let genSpecializedAttr = 0;
}

def Ssm_FormAttr : Ssm_Attr<"Form", "form"> {
  let summary = "a form that a recurrence may take, or why it may not";
  let description = [{
    `#ssm.form<chunk>` is allowed, `#ssm.form<chunk refused "the decay has no
    logarithm">` is not. The kinds:
    sequential: position after position, the state held in registers.
    scan: a tree of pairs (a, b), in a vector, a core or across them.
    chunk: within a chunk products of matrices under a mask of decays, a state
    between chunks.
    chunk_factored: the same with the decay split over the factors.
    convolution: with the kernel c a^l b, everything else constant in time.
    project: products with constant matrices around a scan with constant decay.
    sum: no decay at all.
  }];
  let parameters = (ins "::ssm::FormKind":$kind, OptionalParameter<"::mlir::StringAttr">:$why);
  let hasCustomAssemblyFormat = 1;
  let extraClassDeclaration = [{
    bool isAllowed() const { return !getWhy(); }
    static FormAttr allowed(::mlir::MLIRContext *context, ::ssm::FormKind kind);
    static FormAttr refused(::mlir::MLIRContext *context, ::ssm::FormKind kind, const ::llvm::Twine &why);
  }];
}
def Ssm_FormArrayAttr : TypedArrayAttrBase<Ssm_FormAttr, "forms">;

def Ssm_CarryKindEnum : I32EnumAttr<"CarryKind", "how a carry enters its next value", [
    I32EnumAttrCase<"Linear", 0, "linear">, I32EnumAttrCase<"Projective", 1, "projective">,
    I32EnumAttrCase<"Sum", 2, "sum">, I32EnumAttrCase<"Nonlinear", 3, "nonlinear">]> {
  let cppNamespace = "::ssm";
  let genSpecializedAttr = 0;
}

def Ssm_CarryAttr : Ssm_Attr<"Carry", "carry"> {
  let summary = "what is known of a carry of a scan that stays a scan";
  let description = [{
    `#ssm.carry<linear, "...">` (with a dense transition, or joined with others),
    `projective`: linear but for one scalar factor, such as a division by its own
    sum, so that the factor may be applied later; `sum`: it adds up what does not
    depend on it; `nonlinear`. The text says what made it so.
  }];
  let parameters = (ins "::ssm::CarryKind":$kind, "::mlir::StringAttr":$why);
  let assemblyFormat = "`<` $kind `,` $why `>`";
}
def Ssm_CarryArrayAttr : TypedArrayAttrBase<Ssm_CarryAttr, "carries">;

def Ssm_LinearRecurrenceOp : Ssm_PureOp<"linear_recurrence", [AttrSizedOperandSegments]> {
  let summary = "recurrence that is linear, element by element";
  let description = [{
    Along `dim`, from the end if `reverse`, in the semiring's addition and product:

      s[t] = a[t] s[t - 1] + the product of all `inputs` at t,    s[-1] = init

    a is `decay`, or exp(log_decay) (real only), or one. For each read-out, the
    product of its factors with s[t], summed over its dimensions; a read-out of no
    factors over no dimension is the state itself. Results: the last state (init
    where `dim` is empty), then a read-out each, stacked along `dim`.

    Decay, inputs and factors have a subset of the state's dimensions (factors any)
    and `dim`, which what is constant in time lacks. Where the state is complex they
    may be real. In `max_plus`, `min_plus` and `log_plus` addition is max, min and
    log(exp + exp), the product is +, and the decay is given as what is added.

    `resets`: log_decay may be -inf (the state starts anew), so that differences of
    its sums are masked by comparing positions, not by subtraction. `score_group`:
    recurrences of the same number have the same decay and share read-out factors
    and inputs over the summed dimensions, so that their score products are equal.

    Before
    ```mlir
    %last, %all = ssm.scan "L" init(%h0) over(%e, %k, %v) ... { h = exp(e) * h + k * v }
    %y = ssm.contract(%q, %all) over ["D"] : ...
    ```
    After
    ```mlir
    %last, %y = ssm.linear_recurrence real "L" init(%h0 : tensor<4x8xf32, #ssm.dims<D, E>>)
      log_decay(%e : tensor<?xf32, #ssm.dims<L>>)
      input(%k, %v : tensor<?x4xf32, #ssm.dims<L, D>>, tensor<?x8xf32, #ssm.dims<L, E>>)
      read((%q) over ["D"] : tensor<?x4xf32, #ssm.dims<L, D>>)
      forms([#ssm.form<sequential>, #ssm.form<scan>, #ssm.form<chunk>])
      -> tensor<4x8xf32, #ssm.dims<D, E>>, tensor<?x8xf32, #ssm.dims<L, E>>
    ```
  }];
  let arguments = (ins Ssm_SemiringAttr:$semiring, StrAttr:$dim, UnitAttr:$reverse, Ssm_Tensor:$init,
                       Optional<Ssm_Tensor>:$decay, Optional<Ssm_Tensor>:$logDecay, UnitAttr:$resets,
                       Variadic<Ssm_Tensor>:$inputs, Variadic<Ssm_Tensor>:$factors,
                       DenseI64ArrayAttr:$factorCounts, ArrayAttr:$over, Ssm_FormArrayAttr:$forms,
                       OptionalAttr<I64Attr>:$scoreGroup);
  let results = (outs Ssm_Tensor:$final, Variadic<Ssm_Tensor>:$outputs);
  let assemblyFormat = [{
    $semiring $dim (`reverse` $reverse^)? `init` `(` $init `:` type($init) `)`
    (`decay` `(` $decay^ `:` type($decay) `)`)? (`log_decay` `(` $logDecay^ `:` type($logDecay) `)`)?
    (`resets` $resets^)? `input` `(` $inputs `:` type($inputs) `)`
    `read` `(` custom<Products>($factors, type($factors), $factorCounts, $over) `)`
    `forms` `(` $forms `)` (`score_group` `(` $scoreGroup^ `)`)? attr-dict `->` type(results)
  }];
  let extraClassDeclaration = [{
    /// One read-out: its factors, the dimensions that it sums, its result.
    struct Readout {
      ::mlir::OperandRange factors;
      ::llvm::SmallVector<::llvm::StringRef> over;
      ::mlir::Value result;
      /// The state itself, every value kept.
      bool isState() const { return factors.empty() && over.empty(); }
    };
    ::llvm::SmallVector<Readout> getReadouts();
    /// The decay as it is given, or null where there is none.
    ::mlir::Value getAnyDecay() { return getLogDecay() ? getLogDecay() : getDecay(); }
    /// The form's entry, or null where it is not listed.
    FormAttr getForm(::ssm::FormKind kind);
    bool allows(::ssm::FormKind kind) { FormAttr form = getForm(kind); return form && form.isAllowed(); }
  }];
  let hasVerifier = 1;
}

#endif
