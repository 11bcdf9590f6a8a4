//===- AsyncKernel.td - launches, roles, warps apart --------*- tablegen -*-===//
#ifndef TILE_ASYNC_KERNEL_TD
#define TILE_ASYNC_KERNEL_TD

include "AsyncTypes.td"
include "mlir/Interfaces/FunctionInterfaces.td"
include "mlir/IR/SymbolInterfaces.td"

def Tile_RoleKindEnum : I32EnumAttr<"RoleKind", "what one instance of a role is", [
    I32EnumAttrCase<"Thread", 0, "thread">, I32EnumAttrCase<"Warp", 1, "warp">,
    I32EnumAttrCase<"Group", 2, "group">]> {
  let cppNamespace = "::ssm::tile";
  let genSpecializedAttr = 0;
}
def Tile_RoleKindAttr : EnumAttr<Tile_Dialect, Tile_RoleKindEnum, "kind"> { let assemblyFormat = "`` $value"; }

def Tile_KernelOp : Tile_Op<"kernel", [FunctionOpInterface, IsolatedFromAbove, AffineScope, AutomaticAllocationScope,
    SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "one launch";
  let description = [{
    A prologue that all threads run (buffers, rings, scalars), then roles. Arguments are
    tensor maps, global views and scalars (index is 32 bits). `ctas_per_sm` is what the
    registers are bounded for; `cluster` is the number of CTAs in a cluster along each
    dimension. `threads` and `smem` are set by `tile-place`. Without a body it is declared, and
    `tile.from` names the file whose definition `tile-link` takes.

    ```mlir
    tile.kernel @copy(%x: !tile.map<bf16, 64x64, sw128>, %n: index) ctas_per_sm(2) {
      %ring = tile.ring full(1 thread) empty(1 thread) : !tile.ring<2, x: 64x64xbf16 sw128>
      tile.role @in thread { .. }
      tile.role @out thread { .. }
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<FunctionType>:$function_type,
                       OptionalAttr<DictArrayAttr>:$arg_attrs, OptionalAttr<DictArrayAttr>:$res_attrs,
                       OptionalAttr<I64Attr>:$ctas_per_sm, OptionalAttr<DenseI64ArrayAttr>:$cluster,
                       OptionalAttr<I64Attr>:$threads, OptionalAttr<I64Attr>:$smem);
  let regions = (region MaxSizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    bool isDeclaration() { return getBody().empty(); }
    ::llvm::ArrayRef<::mlir::Type> getArgumentTypes() { return getFunctionType().getInputs(); }
    ::llvm::ArrayRef<::mlir::Type> getResultTypes() { return getFunctionType().getResults(); }
    ::mlir::Region *getCallableRegion() { return &getBody(); }
    /// CTAs of a cluster along dimension `i`, and how far their numbers lie apart.
    int64_t getClusterDim(unsigned i) { return getCluster() ? (*getCluster())[i] : 1; }
    int64_t getClusterStride(unsigned i) {
      return (i > 0 ? getClusterDim(0) : 1) * (i > 1 ? getClusterDim(1) : 1);
    }
    /// An operation that goes across a dimension of the cluster: its kernel, where there is one yet, has CTAs there.
    static ::llvm::LogicalResult verifyAcross(::mlir::Operation *op, int64_t dim);
  }];
}

def Tile_RoleOp : Tile_Op<"role", [HasParent<"KernelOp">, RecursiveMemoryEffects, AffineScope,
    SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "instances that run one instruction stream each";
  let description = [{
    `x k` instances of one kind, each a thread, a warp or a warpgroup of four warps. The
    block has no argument or one, the instance's number. Roles are placed in textual
    order; a warpgroup starts at a multiple of four warps. `regs` is the registers a
    thread that setmaxnreg grants; the roles of one warpgroup agree on it. Roles capture
    the prologue's values, and talk to each other through memory alone. `first_warp` and
    `barrier` (the named barrier of `tile.sync`, one an instance) are set by `tile-place`.

    ```mlir
    tile.role @rows group x 2 regs(232) {
    ^bb0(%w: index):
      tile.sync
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$name, Tile_RoleKindAttr:$kind, DefaultValuedAttr<I64Attr, "1">:$instances,
                       OptionalAttr<I64Attr>:$regs, OptionalAttr<I64Attr>:$first_warp, OptionalAttr<I64Attr>:$barrier);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $name $kind (`x` $instances^)? (`regs` `(` $regs^ `)`)? attr-dict-with-keyword $body
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Warps of one instance, and of all of them (a thread takes a warp).
    int64_t getWarpsPerInstance() { return getKind() == RoleKind::Group ? 4 : 1; }
    int64_t getNumWarps() { return getInstances() * getWarpsPerInstance(); }
    /// Threads that run the region, an instance.
    int64_t getThreadsPerInstance();
    /// The instance's number, or null where the block does not ask for it.
    ::mlir::BlockArgument getInstance();
  }];
}

def Tile_PerWarpOp : Tile_Op<"per_warp", [RecursiveMemoryEffects, RecursivelySpeculatable, AffineScope,
    SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "the four warps of a warpgroup apart";
  let description = [{
    The region runs in each warp by itself, so that a warp may branch. Its block has the
    warp's number and then the operands: a tile that is spread over rows (acc, part, row,
    quad) becomes the warp's 16 rows of each 64, columns and scalars stay as they are,
    `!tile.warps<T>` becomes T. Results are put together the same way.

    ```mlir
    %r = tile.per_warp(%o, %v) : (tensor<64x64xf32, #tile.acc>, tensor<64xf32, #tile.row>) -> (tensor<64x64xf32, #tile.acc>) {
    ^bb0(%w: index, %ow: tensor<16x64xf32, #tile.acc>, %vw: tensor<16xf32, #tile.row>):
      tile.yield %ow : tensor<16x64xf32, #tile.acc>
    }
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$inputs);
  let results = (outs Variadic<AnyType>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "`(` $inputs `)` `:` functional-type($inputs, $outputs) attr-dict-with-keyword $body";
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def Tile_CtaOp : Tile_PureOp<"cta"> {
  let summary = "this CTA's place in the grid";
  let description = [{
    Along dimension 0, 1 or 2.

    ```mlir
    %x = tile.cta 0
    ```
  }];
  let arguments = (ins ConfinedAttr<I64Attr, [IntMinValue<0>, IntMaxValue<2>]>:$dim);
  let results = (outs Index:$result);
  let assemblyFormat = "$dim attr-dict";
}

def Tile_CtaCountOp : Tile_PureOp<"cta_count"> {
  let summary = "the grid's size";
  let description = [{
    Along dimension 0, 1 or 2.

    ```mlir
    %n = tile.cta_count 0
    ```
  }];
  let arguments = (ins ConfinedAttr<I64Attr, [IntMinValue<0>, IntMaxValue<2>]>:$dim);
  let results = (outs Index:$result);
  let assemblyFormat = "$dim attr-dict";
}

#endif
