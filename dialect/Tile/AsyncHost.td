//===- AsyncHost.td - launches, and what is bound to them ---*- tablegen -*-===//
//
// Inside an entry (a func.func with named tensors, as the ssm dialect's layers):
// a tensor stands for device memory. Sizes are expressions of dimensions as
// `#ssm.size` writes them; `"%sms"` is the number of multiprocessors.
//
//   func.func @forward(%x: tensor<?x?xbf16, #ssm.dims<M, K>> {ssm.name = "x"}, ..) -> (..) attributes {ssm.dims = [..]} {
//     %y = tile.alloc : tensor<?x?xbf16, #ssm.dims<M, N>>
//     %xm = tile.tensor_map %x dims [K, M] strides [K] : tensor<..> -> !tile.map<bf16, 64x128, sw128>
//     %yv = tile.global_view %y sizes [M, N] strides [N, 1] : tensor<..> -> !tile.global<bf16, 2>
//     %k = tile.size K
//     tile.launch @gemm grid [min("%sms", mul(ceildiv(M, 128), ceildiv(N, 256))), 1, 1] (%xm, %yv, %k) : ..
//     return %y : tensor<..>
//   }
//
//===----------------------------------------------------------------------===//
#ifndef TILE_ASYNC_HOST_TD
#define TILE_ASYNC_HOST_TD

include "AsyncTypes.td"
include "mlir/IR/SymbolInterfaces.td"

def Tile_InitEnum : I32EnumAttr<"AllocInit", "what device memory holds at first", [
    I32EnumAttrCase<"None", 0, "none">, I32EnumAttrCase<"Zero", 1, "zero">,
    I32EnumAttrCase<"ZeroOnce", 2, "zero_once">]> {
  let cppNamespace = "::ssm::tile";
  let genSpecializedAttr = 0;
}
def Tile_InitAttr : EnumAttr<Tile_Dialect, Tile_InitEnum, "init"> { let assemblyFormat = "`` $value"; }

def Tile_HostTensor : Type<CPred<"::llvm::isa<::mlir::RankedTensorType>($_self)">, "tensor", "::mlir::RankedTensorType">;

def Tile_AllocOp : Tile_Op<"alloc", [MemoryEffects<[MemAlloc<Tile_Global>]>]> {
  let summary = "device memory of a result, or a workspace";
  let description = [{
    Row-major. What the entry returns is that result's memory; the rest is workspace. Open
    dimensions are those of the type's names, or what `sizes` says. `zero`: zero when the
    call starts; `zero_once`: zero at the first call, and every kernel leaves it so.

    ```mlir
    %y = tile.alloc : tensor<?x?xbf16, #ssm.dims<M, N>>
    %c = tile.alloc init(zero_once) : tensor<1xi32>
    %w = tile.alloc sizes [ceildiv(L, 64), 128] : tensor<?x128xf32>
    ```
  }];
  let arguments = (ins DefaultValuedAttr<Tile_InitAttr, "::ssm::tile::AllocInit::None">:$init, OptionalAttr<ArrayAttr>:$sizes);
  let results = (outs Tile_HostTensor:$result);
  let assemblyFormat = "(`init` `(` $init^ `)`)? `` custom<OptionalSizes>($sizes) attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Tile_SizeOp : Tile_PureOp<"size"> {
  let summary = "a size as a kernel's argument";
  let description = [{
    An expression of dimensions, as `#ssm.size` writes it.

    ```mlir
    %n = tile.size ceildiv(L, 64)
    ```
  }];
  let arguments = (ins AnyAttr:$size);
  let results = (outs Index:$result);
  let assemblyFormat = "custom<Size>($size) attr-dict";
  let hasVerifier = 1;
  let extraClassDeclaration = "::ssm::SizeAttr getExpression();";
}

def Tile_GlobalViewOp : Tile_PureOp<"global_view"> {
  let summary = "a tensor's memory as a kernel's view";
  let description = [{
    Any strided view of the row-major memory: sizes, and strides in elements, outermost
    first, from the element `offset`. The launch checks that it lies inside the tensor, and
    the divisibility that the type promises. Of an optional tensor that the caller left out
    the pointer is null.

    ```mlir
    %v = tile.global_view %x sizes [B, L, mul(H, 64)] strides [mul(L, H, 64), mul(H, 64), 1] : tensor<..> -> !tile.global<bf16, 3, 8>
    ```
  }];
  let arguments = (ins Tile_HostTensor:$source, OptionalAttr<AnyAttr>:$offset, ArrayAttr:$sizes, ArrayAttr:$strides);
  let results = (outs Tile_GlobalType:$view);
  let assemblyFormat = [{
    $source `` custom<OptionalOffset>($offset) `sizes` custom<SizeList>($sizes) `strides` custom<SizeList>($strides)
    attr-dict `:` type($source) `->` type($view)
  }];
  let hasVerifier = 1;
}

def Tile_TensorMapOp : Tile_PureOp<"tensor_map"> {
  let summary = "a tensor map, encoded at the launch";
  let description = [{
    Dimensions innermost first, as the box; strides in elements of all but the innermost,
    which is 1; from the element `offset`. Box, element and swizzle are the type's. The
    runtime refuses what the driver would: pointers off 16 bytes, strides off 16 bytes or
    zero, sizes past 2^32, boxes over 256. `tf32` rounds f32 to tf32, to the nearest, as it is
    copied: products marked tf32 take an operand's upper bits as they are.

    ```mlir
    %m = tile.tensor_map %q dims [64, L, 1, mul(B, H)] strides [64, 64, mul(L, 64)] : tensor<..> -> !tile.map<bf16, 64x192x1x1, sw128>
    ```
  }];
  let arguments = (ins Tile_HostTensor:$source, OptionalAttr<AnyAttr>:$offset, ArrayAttr:$dims, ArrayAttr:$strides,
                       UnitAttr:$tf32);
  let results = (outs Tile_MapType:$map);
  let assemblyFormat = [{
    $source `` custom<OptionalOffset>($offset) `dims` custom<SizeList>($dims) `strides` custom<SizeList>($strides)
    (`tf32` $tf32^)? attr-dict `:` type($source) `->` type($map)
  }];
  let hasVerifier = 1;
}

def Tile_LaunchOp : Tile_Op<"launch", [DeclareOpInterfaceMethods<SymbolUserOpInterface>,
    MemoryEffects<[MemRead<Tile_Global>, MemWrite<Tile_Global>]>]> {
  let summary = "start a kernel";
  let description = [{
    The grid in CTAs, and the kernel's arguments: tensor maps, views, sizes (index) and
    scalar constants. Launches of an entry run in order.

    Several kernels may do the same for different calls: of a launch and those after it
    that are marked `otherwise`, the first one that fits runs. A launch fits where no
    expression of its `where` is negative, and where its views and maps keep what their
    types promise (sizes and strides that are multiples of a vector or of 16 bytes,
    addresses on its bytes); the last one must.

    ```mlir
    tile.launch @gemm grid [min("%sms", ceildiv(M, 128)), 1, 1] (%xm, %yv, %k) : !xmap, !yview, index
    tile.launch @rows_held grid [M, 1, 1] where [sub(4096, N)] (%x8) : !tile.global<bf16, 2, 8>
    tile.launch @rows otherwise grid [M, 1, 1] (%x1) : !tile.global<bf16, 2>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, UnitAttr:$otherwise, ArrayAttr:$grid, OptionalAttr<ArrayAttr>:$where,
                       Variadic<AnyType>:$args);
  let assemblyFormat = [{
    $kernel (`otherwise` $otherwise^)? `grid` custom<SizeList>($grid) `` custom<OptionalWhere>($where) `(` $args `)`
    attr-dict (`:` type($args)^)?
  }];
  let hasVerifier = 1;
  let builders = [
    OpBuilder<(ins "::llvm::StringRef":$kernel, "::mlir::ArrayAttr":$grid, "::mlir::ValueRange":$args), [{
      build($_builder, $_state, kernel, /*otherwise=*/false, grid, /*where=*/nullptr, args);
    }]>];
  let extraClassDeclaration = [{
    /// The launch that runs where this one does not fit, if there is one.
    LaunchOp getAlternative();
  }];
}

#endif
