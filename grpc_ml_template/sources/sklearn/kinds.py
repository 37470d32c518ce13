"""The classes of scikit-learn, by what can be asked of them."""

from ..common.opening import SourceError
from ..pickles.inert import Array, Made, class_of, state_of

CLASSIFIERS = frozenset([
    "BernoulliNB", "CalibratedClassifierCV", "CategoricalNB", "ClassifierChain",
    "ComplementNB", "GaussianNB", "LabelPropagation", "LabelSpreading",
    "LinearDiscriminantAnalysis", "LinearSVC", "LogisticRegression", "LogisticRegressionCV",
    "MultinomialNB", "NearestCentroid", "NuSVC", "Perceptron", "QuadraticDiscriminantAnalysis",
    "RidgeClassifierCV", "SVC", "TunedThresholdClassifierCV",
])  # fmt: skip
REGRESSORS = frozenset([
    "BayesianRidge", "CCA", "ElasticNet", "ElasticNetCV", "KernelRidge", "Lars", "LarsCV",
    "Lasso", "LassoCV", "LassoLars", "LassoLarsCV", "LassoLarsIC", "LinearSVR",
    "MultiTaskElasticNet", "MultiTaskElasticNetCV", "MultiTaskLasso", "MultiTaskLassoCV",
    "NuSVR", "OrthogonalMatchingPursuit", "OrthogonalMatchingPursuitCV", "PLSCanonical",
    "RegressorChain", "Ridge", "RidgeCV", "SVR",
])  # fmt: skip
OUTLIER_DETECTORS = frozenset([
    "EllipticEnvelope", "IsolationForest", "LocalOutlierFactor", "OneClassSVM",
    "SGDOneClassSVM",
])  # fmt: skip
CLUSTERERS = frozenset([
    "AffinityPropagation", "Birch", "BisectingKMeans", "KMeans", "MeanShift", "MiniBatchKMeans",
])  # fmt: skip
MIXTURES = frozenset(["BayesianGaussianMixture", "GaussianMixture"])
TRANSFORMERS = frozenset([
    "AdditiveChi2Sampler", "BernoulliRBM", "Binarizer", "ColumnTransformer", "CountVectorizer",
    "DictionaryLearning", "FactorAnalysis", "FastICA", "FeatureAgglomeration", "FeatureUnion",
    "FunctionTransformer", "GaussianRandomProjection", "GenericUnivariateSelect",
    "HashingVectorizer", "IncrementalPCA", "Isomap", "KBinsDiscretizer", "KNNImputer",
    "KernelPCA", "IterativeImputer", "LatentDirichletAllocation", "LocallyLinearEmbedding",
    "MaxAbsScaler", "MinMaxScaler", "MiniBatchDictionaryLearning", "MiniBatchNMF",
    "MiniBatchSparsePCA", "MissingIndicator", "NMF", "NeighborhoodComponentsAnalysis",
    "Normalizer", "Nystroem", "OneHotEncoder", "OrdinalEncoder", "PCA", "PLSSVD",
    "PolynomialCountSketch", "PolynomialFeatures", "PowerTransformer", "QuantileTransformer",
    "RBFSampler", "RandomTreesEmbedding", "RobustScaler", "SelectFdr", "SelectFpr",
    "SelectFromModel", "SelectFwe", "SelectKBest", "SelectPercentile",
    "SequentialFeatureSelector", "SimpleImputer", "SkewedChi2Sampler", "SparseCoder",
    "SparsePCA", "SparseRandomProjection", "SplineTransformer", "StandardScaler",
    "TargetEncoder", "TfidfTransformer", "TfidfVectorizer", "TruncatedSVD", "VarianceThreshold",
])  # fmt: skip
# They transform without having learnt anything.
STATELESS = frozenset([
    "AdditiveChi2Sampler", "Binarizer", "FeatureHasher", "FeatureUnion", "FunctionTransformer",
    "HashingVectorizer", "Normalizer", "PatchExtractor", "SparseCoder",
])  # fmt: skip
TEXT_READERS = frozenset(["CountVectorizer", "HashingVectorizer", "TfidfVectorizer"])
SEARCHES = frozenset([
    "GridSearchCV", "HalvingGridSearchCV", "HalvingRandomSearchCV", "RandomizedSearchCV",
])  # fmt: skip
# Where the estimator is to whom another hands everything.
INNER = {
    **dict.fromkeys(SEARCHES, "best_estimator_"),
    "FixedThresholdClassifier": "estimator_",
    "FrozenEstimator": "estimator",
    "RANSACRegressor": "estimator_",
    "RFE": "estimator_",
    "RFECV": "estimator_",
    "SelfTrainingClassifier": "estimator_",
    "TransformedTargetRegressor": "regressor_",
    "TunedThresholdClassifierCV": "estimator_",
}
# Where those of other estimators are that see the same inputs.
OUTER = ("estimators_", "estimator_", "calibrated_classifiers_", "estimator", "base_estimator")
# Wrappers of other libraries that take missing values, and can end a pipeline.
BOOSTERS = ("xgboost.sklearn.XGB", "lightgbm.sklearn.LGBM")


def kind_of(model: object) -> str:
    """The name of a class of scikit-learn or of what is built like it, without its module."""
    return class_of(model).rpartition(".")[2]


def is_own(model: object) -> bool:
    """Whether a class is one of scikit-learn's."""
    return class_of(model).startswith("sklearn.")


def is_classifier(model: object) -> bool:
    """Whether it tells classes."""
    kind = kind_of(model)
    return (is_own(model) or is_booster(model)) and (
        kind in CLASSIFIERS or kind.endswith("Classifier")
    )


def is_regressor(model: object) -> bool:
    """Whether it tells numbers."""
    kind = kind_of(model)
    return (is_own(model) or is_booster(model)) and (
        kind in REGRESSORS or kind.endswith(("Regressor", "Regression", "Ranker"))
    )


def is_booster(model: object) -> bool:
    """Whether it is a model of XGBoost or LightGBM in the form of scikit-learn."""
    return class_of(model).startswith(BOOSTERS)


def steps_of(model: object) -> list[object]:
    """The steps of a pipeline that do something."""
    steps = state_of(model).get("steps")
    if kind_of(model) != "Pipeline" or not isinstance(steps, list):
        return []
    parts = [step[1] for step in steps if isinstance(step, tuple | list) and len(step) == 2]
    return [part for part in parts if isinstance(part, Made)]


def inner(model: object) -> object | None:
    """The estimator that answers for a pipeline, a search and the like; None for all others."""
    steps = steps_of(model)
    if steps:
        return steps[-1]
    attribute = INNER.get(kind_of(model)) if is_own(model) else None
    if attribute is None:
        return None
    state = state_of(model)
    found = state.get(attribute) or state.get("base_estimator_")  # The latter before 1.2.
    if found is None and kind_of(model) in SEARCHES:
        raise SourceError(
            "the search kept no model, since it was made with refit=False",
            "make it with refit=True, and save it again",
        )
    if found is None:
        raise unfitted(model)
    return found if isinstance(found, Made) else None


def unfitted(model: object) -> SourceError:
    """The error of a model that has learnt nothing."""
    return SourceError(f"the {kind_of(model)} was never fitted", "call its fit, and save it again")


def first_below(model: object) -> object | None:
    """The estimator below a model that sees the same inputs; None if there is none."""
    steps = steps_of(model)
    if steps:
        return steps[0]
    state = state_of(model)
    below = state.get(INNER.get(kind_of(model), ""))
    for attribute in OUTER:
        below = below or state.get(attribute)
    if isinstance(below, Array):
        below = below.values
    while isinstance(below, list | tuple) and below:
        below = below[-1] if isinstance(below, tuple) else below[0]
    if not below and isinstance(state.get("transformer_list"), list):
        below = next((each[1] for each in state["transformer_list"] if len(each) == 2), None)
    return below if isinstance(below, Made) else None


def through(model: object) -> list[object]:
    """A model and those below it that see the same inputs, from the outermost."""
    found: list[object] = []
    below: object | None = model
    while below is not None and len(found) < MOST_LEVELS:
        found.append(below)
        below = first_below(below)
    return found


MOST_LEVELS = 20
