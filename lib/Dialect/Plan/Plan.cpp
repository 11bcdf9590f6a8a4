//===- Plan.cpp - the text of plans and ledgers -----------------------------===//
#include "../Ssm/NameSyntax.h"
#include "ssm/Dialect/Plan/Plan.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace ssm;

#include "ssm/Dialect/Plan/PlanDialect.cpp.inc"
#include "ssm/Dialect/Plan/PlanEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "ssm/Dialect/Plan/PlanAttrs.cpp.inc"

void PlanDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "ssm/Dialect/Plan/PlanAttrs.cpp.inc"
      >();
}

namespace ssm {

// Plans.

static std::optional<int64_t> findTile(ArrayRef<PlanTile> tiles, StringRef dim) {
  for (const PlanTile &tile : tiles)
    if (tile.dim.getValue() == dim)
      return tile.size;
  return std::nullopt;
}
std::optional<int64_t> PlanAttr::ownTile(StringRef dim) const { return findTile(getOwn(), dim); }
std::optional<int64_t> PlanAttr::stepTile(StringRef dim) const { return findTile(getStep(), dim); }

static ParseResult parseTiles(AsmParser &parser, SmallVectorImpl<PlanTile> &tiles) {
  return parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&]() -> ParseResult {
    FailureOr<StringAttr> dim = parseDimName(parser);
    int64_t size;
    if (failed(dim) || parser.parseColon() || parser.parseInteger(size))
      return failure();
    tiles.push_back({*dim, size});
    return success();
  });
}

Attribute PlanAttr::parse(AsmParser &parser, Type) {
  std::optional<PlanForm> form;
  SmallVector<PlanTile> own, step;
  int64_t sub = 0;
  llvm::StringSet<> seen;
  auto parseField = [&]() -> ParseResult {
    SMLoc loc = parser.getCurrentLocation();
    StringRef field;
    if (parser.parseKeyword(&field) || parser.parseEqual())
      return failure();
    if (!seen.insert(field).second)
      return parser.emitError(loc) << "the plan says '" << field << "' twice";
    if (field == "own")
      return parseTiles(parser, own);
    if (field == "step")
      return parseTiles(parser, step);
    if (field == "sub") {
      loc = parser.getCurrentLocation();
      if (parser.parseInteger(sub))
        return failure();
      return sub > 0 ? success() : parser.emitError(loc) << "a chunk has at least one position";
    }
    if (field != "form")
      return parser.emitError(loc) << "a plan has no field '" << field << "'; it has form, own, step and sub";
    StringRef word;
    loc = parser.getCurrentLocation();
    if (parser.parseKeyword(&word))
      return failure();
    form = symbolizePlanForm(word);
    if (!form)
      return parser.emitError(loc) << "there is no form '" << word
                                   << "'; the forms are direct, sequential, online, chunk and toeplitz";
    return success();
  };
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater, parseField))
    return {};
  if (!form) {
    parser.emitError(loc) << "a plan needs a form: 'form = direct', sequential, online, chunk or toeplitz";
    return {};
  }
  return PlanAttr::get(parser.getContext(), *form, own, step, sub);
}

static void printTiles(AsmPrinter &printer, StringRef field, ArrayRef<PlanTile> tiles) {
  if (tiles.empty())
    return;
  printer << ", " << field << " = [";
  llvm::interleaveComma(tiles, printer, [&](const PlanTile &tile) {
    printDimName(printer, tile.dim);
    printer << " : " << tile.size;
  });
  printer << "]";
}

void PlanAttr::print(AsmPrinter &printer) const {
  printer << "<form = " << stringifyPlanForm(getForm());
  printTiles(printer, "own", getOwn());
  printTiles(printer, "step", getStep());
  if (getSub() != 0)
    printer << ", sub = " << getSub();
  printer << ">";
}

// Ledgers: <bytes = 96, flops = 8, exps = 0, time = 12, floor = 10, bound = "memory", others = [("own D : 8", 14, "why")]>

Attribute LedgerAttr::parse(AsmParser &parser, Type) {
  int64_t numbers[5];
  constexpr StringLiteral fields[] = {"bytes", "flops", "exps", "time", "floor"};
  if (parser.parseLess())
    return {};
  for (auto [field, number] : llvm::zip(fields, numbers))
    if (parser.parseKeyword(field) || parser.parseEqual() || parser.parseInteger(number) || parser.parseComma())
      return {};
  StringAttr bound;
  SmallVector<RunnerUp> others;
  if (parser.parseKeyword("bound") || parser.parseEqual() || parser.parseAttribute(bound))
    return {};
  if (succeeded(parser.parseOptionalComma())) {
    auto parseOther = [&]() -> ParseResult {
      RunnerUp other;
      if (parser.parseLParen() || parser.parseAttribute(other.plan) || parser.parseComma() ||
          parser.parseInteger(other.time) || parser.parseComma() || parser.parseAttribute(other.why) ||
          parser.parseRParen())
        return failure();
      others.push_back(other);
      return success();
    };
    if (parser.parseKeyword("others") || parser.parseEqual() ||
        parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseOther))
      return {};
  }
  if (parser.parseGreater())
    return {};
  return LedgerAttr::get(parser.getContext(), numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], bound, others);
}

void LedgerAttr::print(AsmPrinter &printer) const {
  printer << "<bytes = " << getBytes() << ", flops = " << getFlops() << ", exps = " << getExps()
          << ", time = " << getTime() << ", floor = " << getFloor() << ", bound = " << getBound();
  if (!getOthers().empty()) {
    printer << ", others = [";
    llvm::interleaveComma(getOthers(), printer, [&](const RunnerUp &other) {
      printer << "(" << other.plan << ", " << other.time << ", " << other.why << ")";
    });
    printer << "]";
  }
  printer << ">";
}

} // namespace ssm
