//===- Declare.cpp - parameters, states, structures -------------------------===//
#include "Elaborator.h"

using namespace mlir;

namespace ssm {

Val Elaborator::addDeclaration(Declaration declaration) {
  for (auto &other : declarations)
    if (other->name == declaration.name)
      return fail(diags.error(declaration.range, "there are two arguments called '" + declaration.name + "'")
                      .note(other->range, "the other one is here"));
  // Inputs first, then parameters, then states.
  Block &entry = forward.getBody().front();
  unsigned place = llvm::count_if(declarations, [&](auto &other) { return other->role <= declaration.role; });
  Type element = storageType(&context, declaration.element);
  declaration.argument =
      entry.insertArgument(place, getTensorType(dims.named(declaration.dims), element), emit.b.getLoc());
  for (StringAttr dim : declaration.dims)
    dims.setFixed(dim);
  declarations.push_back(std::make_unique<Declaration>(std::move(declaration)));
  Declaration &added = *declarations.back();
  Val stored = enter({added.argument, kindOfStorage(added.element), {}}, 0);
  Val value = emit.load(stored.v, added.element);
  if (added.role == Role::State)
    value.state = added.name;
  return value;
}

Val Elaborator::declare(const ast::Statement &statement, Env &env) {
  Scope &scope = env.scope;
  bool isState = statement.kind == ast::Statement::State;
  at(scope, statement.loc);
  Declaration declaration;
  declaration.name = scope.prefix + statement.name.name.str();
  declaration.role = isState ? Role::State : Role::Param;
  declaration.element = statement.type.element.name;
  declaration.scope = &scope;
  declaration.range = rangeOf(statement.name);
  declaration.statement = &statement;
  llvm::SmallVector<StringAttr> own;
  for (const ast::TypeDim &dim : statement.type.dims) {
    StringAttr entered = typeDimension(dim, scope);
    if (!entered)
      return {};
    if (Frame *frame = scanning(entered); frame && !frame->repeat)
      return fail(diags.error(rangeOf(dim), "dimension '" + dim.name + "' does not exist inside the scan over it"));
    own.push_back(entered);
  }
  for (Frame *frame : frames) {
    if (!frame->repeat && isState)
      return fail(diags.error(rangeOf(scope.layer.name), "'" + scope.layer.name.name +
                                                             "' has a state and cannot be called inside a scan")
                      .note(scope.callLoc, "called here")
                      .note(rangeOf(statement.name), "the state is here"));
    if (frame->repeat)
      declaration.dims.push_back(frame->dim);
  }
  if (statement.type.structure) {
    if (isState)
      return fail(diags.error(rangeOf(statement.type.structure->name), "a state cannot have a structure")
                      .note("write its type as " + statement.type.element.name + "[...]"));
    return declareMatrix(statement, env, declaration.dims, own);
  }
  if (isState)
    declaration.dims.append(scope.mapped);
  declaration.dims.append(own);
  return addDeclaration(std::move(declaration));
}

bool Elaborator::structureArguments(const ast::StructureRef &ref, Scope &scope, Structure structure,
                                    llvm::SmallVectorImpl<int64_t> &result) {
  ArrayRef<StringRef> names = getStructureArguments(structure);
  std::string form = ref.name.name.str() + (names.empty() ? "" : "<" + llvm::join(names, ", ") + ">");
  llvm::SmallVector<std::optional<int64_t>> found(names.size());
  if (ref.arguments.size() > names.size()) {
    diags.error(rangeOf(ref.name), "'" + ref.name.name + "' takes " + llvm::Twine(names.size()) +
                                       (names.size() == 1 ? " argument" : " arguments") + ", got " +
                                       llvm::Twine(ref.arguments.size()))
        .note("it is written " + form);
    return false;
  }
  for (auto [i, argument] : llvm::enumerate(ref.arguments)) {
    size_t place = i;
    if (argument.name) {
      place = llvm::find(names, argument.name->name) - names.begin();
      if (place == names.size()) {
        diags.error(rangeOf(*argument.name), "'" + ref.name.name + "' has no argument '" + argument.name->name + "'")
            .suggest(argument.name->name, names)
            .note("it is written " + form);
        return false;
      }
    }
    if (found[place]) {
      diags.error(argument.loc, "'" + names[place] + "' is given twice").note("it is written " + form);
      return false;
    }
    std::optional<Constant> value = constant(*argument.value, scope, "'" + names[place].str() + "'");
    if (!value)
      return false;
    if (!value->isWhole()) {
      diags.error(rangeOf(*argument.value), "'" + names[place] + "' is a whole number");
      return false;
    }
    found[place] = value->integer;
  }
  for (auto [name, value] : llvm::zip(names, found)) {
    if (!value) {
      diags.error(rangeOf(ref.name), "'" + ref.name.name + "' needs '" + name + "'").note("it is written " + form);
      return false;
    }
    result.push_back(*value);
  }
  if (std::string why = checkStructureArguments(structure, result); !why.empty()) {
    diags.error(rangeOf(ref.name), "'" + ref.name.name + "': " + why);
    return false;
  }
  return true;
}

Val Elaborator::declareMatrix(const ast::Statement &statement, Env &env, ArrayRef<StringAttr> leading,
                              ArrayRef<StringAttr> own) {
  const ast::Type &type = statement.type;
  const ast::StructureRef &ref = *type.structure;
  Structure structure = *symbolizeStructure(ref.name.name);
  if (own.size() != 2)
    return fail(diags.error(type.loc, "a structured parameter has two dimensions, [O, I]: rows and columns; got " +
                                          llvm::Twine(own.size())));
  Kind kind = kindOfStorage(type.element.name);
  if (!isReal(kind) && !isComplex(kind))
    return fail(diags.error(type.element.loc, "a structured parameter has real or complex elements"));
  llvm::SmallVector<int64_t> arguments;
  if (!structureArguments(ref, env.scope, structure, arguments))
    return {};
  std::string name = env.scope.prefix + statement.name.name.str();
  MatrixSide rows{own[0], dims.reference(own[0])}, columns{own[1], dims.reference(own[1])};
  layouts.push_back(std::make_unique<StructureLayout>(getStructureLayout(structure, arguments, name, rows, columns)));
  StructureLayout &layout = *layouts.back();
  if (layout.isSquare) {
    std::optional<int64_t> O = dims.constantSize(own[0]), I = dims.constantSize(own[1]);
    if (O && I && *O != *I)
      return fail(diags.error(type.loc, "'" + ref.name.name + "' is square, this is " + llvm::Twine(*O) + " by " +
                                            llvm::Twine(*I)));
    if (!dims.size(own[0]))
      dims.setSize(own[0], columns.size);
    else if (!dims.size(own[1]))
      dims.setSize(own[1], rows.size);
  }
  llvm::SmallVector<Value> parts;
  for (StructurePart &part : layout.parts) {
    Declaration declaration;
    declaration.name = name + "." + part.name.str();
    declaration.role = Role::Param;
    declaration.element = part.isIndex ? StringRef("i32") : type.element.name;
    declaration.scope = &env.scope;
    declaration.range = rangeOf(statement.name);
    declaration.statement = &statement;
    declaration.part = &part;
    declaration.rows = own[0];
    declaration.columns = own[1];
    declaration.structureArguments = arguments;
    declaration.dims.assign(leading.begin(), leading.end());
    for (StructureDim &dim : part.dims) {
      if (auto size = dim.size.constantValue(); size && *size < 0)
        return fail(diags.error(type.loc, "a part of this matrix has the size " + llvm::Twine(*size)));
      bool isSide = dim.key == "O" || dim.key == "I";
      declaration.dims.push_back(isSide ? dim.name : hiddenDimension(&statement, env.scope, dim.name, dim.size));
    }
    Val value = addDeclaration(std::move(declaration));
    if (!value)
      return {};
    parts.push_back(value.v);
  }
  auto matrix = MatrixType::get(&context, own[0], own[1], computeType(&context, kind));
  return {StructuredOp::create(emit.b, matrix, structure, parts, arguments), kind, {}};
}

bool Elaborator::advance(const ast::ScanExpr &expr, StringRef state, Val final, StringAttr dim, const ast::Ident &name,
                         Scope &scope) {
  Declaration &declaration =
      **llvm::find_if(declarations, [&](auto &other) { return other->name == state; });
  llvm::SMRange range = rangeOf(name);
  if (expr.reverse) {
    diags.error(range, "a reverse scan cannot advance the state '" + state + "'")
        .note(declaration.range, "the state is here")
        .note("what is carried from call to call goes forward");
    return false;
  }
  if (auto earlier = advances.find(state); earlier != advances.end()) {
    diags.error(range, "the state '" + state + "' is advanced twice")
        .note(earlier->second.loc, "the first scan is here");
    return false;
  }
  if (llvm::any_of(frames, [](Frame *frame) { return !frame->repeat; })) {
    diags.error(range, "the state '" + state + "' is advanced inside a scan")
        .note(declaration.range, "the state is here");
    return false;
  }
  unsigned repeats = llvm::count_if(frames, [](Frame *) { return true; });
  unsigned depth = llvm::count_if(declaration.dims, [&](StringAttr own) {
    Frame *frame = scanning(own);
    return frame && frame->repeat;
  });
  if (depth != repeats) {
    diags.error(range, "the state '" + state + "' is advanced inside a repeat, but belongs outside of it")
        .note(declaration.range, "the state is here")
        .note("put the scan with its state into a layer of its own, and call that in the repeat");
    return false;
  }
  if (stepped && stepped != dim) {
    diags.error(range, "the state '" + state + "' is advanced along '" + dim.getValue() + "', another one along '" +
                           stepped.getValue() + "'")
        .note(steppedLoc, "the other scan is here")
        .note("all states of a layer step along one dimension");
    return false;
  }
  stepped = dim;
  steppedLoc = expr.loc();
  ArrayRef<StringAttr> own = ArrayRef(declaration.dims).drop_front(depth);
  Kind kind = kindOfStorage(declaration.element);
  for (const NamedDim &carried : final.dims())
    if (!llvm::is_contained(own, carried.name)) {
      diags.error(range, "the state '" + state + "' changes shape: the scan carries dimension '" +
                             carried.name.getValue() + "', which the state lacks")
          .note(declaration.range, "the state is " + formatDims(dims.named(own)) + ", the scan carries " +
                                       dimsText(final));
      return false;
    }
  if ((isComplex(final.kind) && !isComplex(kind)) || (kind < Kind::Free && final.kind > kind)) {
    diags.error(range, "the scan carries " + describe(final.kind) + ", its state '" + state + "' is " +
                           declaration.element)
        .note(declaration.range, "the state is here");
    return false;
  }
  Value stored = emit.align(emit.round(final, declaration.element), dims.named(own));
  advances[std::string(state)] = {stored, expr.loc(), static_cast<unsigned>(frames.size())};
  return true;
}

} // namespace ssm
