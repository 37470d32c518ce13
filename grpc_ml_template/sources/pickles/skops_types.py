"""Which types of a .skops file skops trusts by itself, and which are those of scikit-learn."""

import re

# Loaders of what skops 0.16 makes without being told, by the types that they make. It checks
# again, so a type too many here is one that it refuses.
PLAIN_LOADERS = frozenset([
    "BytearrayNode", "BytesNode", "CachedNode", "DefaultDictNode", "DictNode", "JsonNode",
    "ListNode", "LossNode", "MaskedArrayNode", "NdArrayNode", "RandomGeneratorNode",
    "RandomStateNode", "SetNode", "SliceNode", "SparseMatrixNode", "TupleNode",
])  # fmt: skip
PLAIN_TYPES = re.compile(
    r"builtins\.(bool|bytearray|bytes|dict|float|frozenset|int|list|map|set|slice|str|tuple)"
    r"|collections\.defaultdict|numpy\.\w+|numpy\.ma\.\w+|numpy\.random\.[\w.]+"
    r"|scipy\.sparse\.[\w.]+|(sklearn\.)?_loss\.\w+(\.\w+)?|sklearn\.linear_model\._sgd_fast\.\w+"
)
PLAIN_CLASSES = re.compile(
    r"builtins\.(bool|float|int|list|map|set|str|tuple)|numpy\.(bool_?|float\d+|str_|u?int\d+)"
)
PLAIN_FUNCTIONS = re.compile(
    r"numpy\.(abs|absolute|add|arc(cos|sin|tan)h?|cbrt|ceil|cosh?|divide|exp|exp2|expm1|fabs|floor"
    r"|log|log10|log1p|log2|maximum|minimum|multiply|negative|power|reciprocal|rint|sign|sinh?|sqrt"
    r"|square|subtract|tanh?)|scipy\.special\.[\w.]+"
)

# Loaders that do no more with a class than name it, or make an object without calling it.
CAREFUL_LOADERS = frozenset(["DTypeNode", "ObjectNode", "PartialNode", "TreeNode", "TypeNode"])
CLASSES = re.compile(
    r"sklearn\.[\w.]*\._?[A-Z]\w*|numpy\.dtype|builtins\.(object|bytes)|functools\.partial"
    r"|scipy\.interpolate\._bsplines\.BSpline"
)
# What other loaders may call: each harmless, whatever it is given.
CALLED = re.compile(
    r"collections\.OrderedDict|numpy\.ma\.core\.MaskedArray|numpy\.(max|mean|median|min|sum)"
    r"|scipy\._lib\.array_api_compat\.numpy\._aliases\.asarray"
    r"|scipy\.sparse\._(coo|csc|csr)\.(coo|csc|csr)_(array|matrix)|sklearn\._loss\._loss\.Cy\w+"
    r"|sklearn\.cluster\._kmeans\._kmeans_single_(elkan|lloyd)"
    r"|sklearn\.compose\._column_transformer\.make_column_selector"
    r"|sklearn\.feature_selection\._mutual_info\.mutual_info_(classif|regression)"
    r"|sklearn\.feature_selection\._univariate_selection\.(chi2|[fr]_(classif|oneway|regression))"
    r"|sklearn\.impute\._iterative\._ImputerTriplet"
    r"|sklearn\.metrics\._(classification|ranking|regression)\.\w+_(error|loss|score)"
    r"|sklearn\.metrics\._scorer\._passthrough_scorer"
    r"|sklearn\.utils\._bunch\.Bunch|sklearn\.utils\.validation\.check_array"
)


def is_trusted_by_default(loader: str, name: str) -> bool:
    """Whether skops loads a type without being told."""
    if loader in ("TypeNode", "FunctionNode"):
        plain = PLAIN_CLASSES if loader == "TypeNode" else PLAIN_FUNCTIONS
        return plain.fullmatch(name) is not None
    return loader in PLAIN_LOADERS and PLAIN_TYPES.fullmatch(name) is not None


def is_own(loader: str, name: str) -> bool:
    """Whether a type is one of scikit-learn and its like that does no more than hold a model."""
    if loader in CAREFUL_LOADERS and CLASSES.fullmatch(name):
        return True
    return CALLED.fullmatch(name) is not None
