"""Words as learners write them: abbreviations, spellings and symbols of the field.

The one rule owned here: two ways to write one term become one token, on both sides of a
search, so `k-NN`, `kNN` and `k nearest neighbours` meet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_STOP_WORDS = """
a about actually after again all also although always am an and another any anyone anything are aren
around as at be because been before being best both but by came can cannot come could couldn did didn do
does doesn doing don done each either else ever every everything exactly few find for from get gets
getting give gives go goes going good got had happen happening happens has hasn have haven having he
help her here him his how however i if in instead into is isn it its itself just keep kind know let
like ll lot make makes many may maybe me meaning might more most much must my need needs never no nor not
nothing now of off often on once one ones only onto or other our ours out over own per please put
quite rather re really s said same say see seem seems shall she should shouldn simply since so some
somehow someone something still such supposed sure t take tell than thank that the their them
themselves then there these they thing things this those though through to together too try trying
under until up upon us use used useful uses using ve very via want was wasn way we well were what
whatever when where whether which while who whom whose why will with within without won work working
works would yes yet you your yours
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())

ABBREVIATIONS: dict[str, tuple[str, ...]] = {
    "knn": ("k nearest neighbor", "k nearest neighbors", "k nn", "nearest neighbor", "nearest neighbors"),
    "mlp": ("multilayer perceptron", "multi layer perceptron", "multilayer perceptrons"),
    "sgd": ("stochastic gradient descent",),
    "cnn": ("convolutional neural network", "convolutional neural networks", "convnet", "convnets"),
    "rnn": ("recurrent neural network", "recurrent neural networks"),
    "ann": ("artificial neural network", "artificial neural networks"),
    "lstm": ("long short term memory",),
    "gru": ("gated recurrent unit", "gated recurrent units"),
    "gan": ("generative adversarial network", "generative adversarial networks"),
    "vae": ("variational autoencoder", "variational autoencoders", "variational auto encoder"),
    "svm": ("support vector machine", "support vector machines"),
    "pca": ("principal component analysis", "principal components analysis"),
    "svd": ("singular value decomposition",),
    "lda": ("linear discriminant analysis",),
    "relu": ("rectified linear unit", "rectified linear units"),
    "mse": ("mean squared error", "mean square error"),
    "rmse": ("root mean squared error", "root mean square error"),
    "mae": ("mean absolute error",),
    "mape": ("mean absolute percentage error",),
    "rmspe": ("root mean square percentage error", "root mean squared percentage error"),
    "auc": ("area under the curve",),
    "roc": ("receiver operating characteristic",),
    "mle": ("maximum likelihood estimation", "maximum likelihood estimate"),
    "em": ("expectation maximization",),
    "gmm": ("gaussian mixture model", "gaussian mixture models"),
    "hmm": ("hidden markov model", "hidden markov models"),
    "kl": ("kullback leibler",),
    "nlp": ("natural language processing",),
    "llm": ("large language model", "large language models"),
    "rag": ("retrieval augmented generation",),
    "rl": ("reinforcement learning",),
    "dqn": ("deep q network", "deep q networks"),
    "ppo": ("proximal policy optimization",),
    "rlhf": ("reinforcement learning from human feedback",),
    "dpo": ("direct preference optimization",),
    "lora": ("low rank adaptation",),
    "gbm": ("gradient boosting machine", "gradient boosting machines"),
    "eda": ("exploratory data analysis",),
    "iou": ("intersection over union",),
    "nms": ("non maximum suppression",),
    "ocr": ("optical character recognition",),
    "gnn": ("graph neural network", "graph neural networks"),
    "mcmc": ("markov chain monte carlo",),
    "mcp": ("model context protocol",),
    "ai": ("artificial intelligence",),
    "ml": ("machine learning",),
    "dl": ("deep learning",),
    "lr": ("learning rate",),
    "backpropagation": ("backprop", "back prop", "back propagation", "backpropagate", "back propagate"),
    "backpropagating": ("back propagating",),
    "autodiff": ("automatic differentiation", "autograd", "auto diff"),
    "xor": ("exclusive or",),
    "onehot": ("one hot",),
    "dataset": ("data set",),
    "datasets": ("data sets",),
    "overfit": ("over fit",),
    "overfitting": ("over fitting",),
    "underfitting": ("under fitting",),
    "matmul": ("matrix multiplication", "matrix product", "matrix multiply"),
    "minibatch": ("mini batch",),
    "minibatches": ("mini batches",),
    "crossvalidation": ("cross validation",),
    "crossentropy": ("cross entropy",),
    "softmax": ("soft max",),
    "hyperparameter": ("hyper parameter",),
    "hyperparameters": ("hyper parameters",),
}
"""Canonical token, and the word sequences (spelled the American way) that stand for it."""

_OUR = re.compile(
    r"\b(neighb|behavi|col|fav|lab|hon|vap|flav|harb|rum|sav)our(s|ed|ing|al|able|ite|ites|hood|hoods)?\b"
)
_ISE = re.compile(
    r"\b(\w*(?:normal|regular|optim|general|initial|vector|standard|minim|maxim|token|quant|discret|binar|"
    r"serial|visual|categor|factor|linear|parallel|random|summar|penal|real|recogn|character|central|local|"
    r"memor|organ|util|emphas|parameter|diagonal|orthogonal|ideal|custom|synchron|finali|featur|polar|"
    r"special|rational|equal|neutral|stabil|computer|modern|prior|final|critic|scrutin|apolog|popular))"
    r"is(e|ed|es|er|ers|ing|ation|ations)\b"
)
_PAIRS = {
    "analyse": "analyze", "analysed": "analyzed", "analyses": "analyzes", "analysing": "analyzing",
    "centre": "center", "centres": "centers", "centred": "centered", "centring": "centering",
    "fibre": "fiber", "metre": "meter", "metres": "meters", "labelled": "labeled", "labelling": "labeling",
    "modelled": "modeled", "modelling": "modeling", "travelled": "traveled", "programme": "program",
    "programmes": "programs", "grey": "gray", "judgement": "judgment", "catalogue": "catalog",
    "artefact": "artifact", "artefacts": "artifacts", "mould": "mold", "defence": "defense",
    "maths": "math", "fulfil": "fulfill", "cancelled": "canceled", "signalled": "signaled",
}  # fmt: skip

SYMBOLS = str.maketrans(
    {
        "α": " alpha ", "β": " beta ", "γ": " gamma ", "δ": " delta ", "ε": " epsilon ", "ϵ": " epsilon ",
        "η": " eta ", "θ": " theta ", "κ": " kappa ", "λ": " lambda ", "μ": " mu ", "π": " pi ", "ρ": " rho ",
        "σ": " sigma ", "τ": " tau ", "φ": " phi ", "χ": " chi ", "ψ": " psi ", "ω": " omega ",
        "Δ": " delta ", "Σ": " sum ", "∑": " sum ", "Π": " product ", "∏": " product ",
        "∂": " partial derivative ", "∇": " gradient ", "√": " square root ", "∞": " infinity ",
        "’": "'", "‘": "'", "–": "-", "—": "-", "‑": "-", "−": "-",
    }
)  # fmt: skip


def american(word: str) -> str:
    """A lower-case word in American spelling: neighbours, normalise, centre."""
    if word in _PAIRS:
        return _PAIRS[word]
    return _ISE.sub(r"\1iz\2", _OUR.sub(r"\1or\2", word))


def _phrases() -> dict[tuple[str, ...], str]:
    found: dict[tuple[str, ...], str] = {}
    for canonical, forms in ABBREVIATIONS.items():
        for form in (canonical, *forms):
            found[tuple(form.split())] = canonical
    return found


def _lengths(phrases: Iterable[tuple[str, ...]]) -> dict[str, tuple[int, ...]]:
    found: dict[str, set[int]] = {}
    for phrase in phrases:
        found.setdefault(phrase[0], set()).add(len(phrase))
    return {first: tuple(sorted(lengths)) for first, lengths in found.items()}


PHRASES = _phrases()
PHRASE_LENGTHS = _lengths(PHRASES)
"""The first word of each phrase, and how many words the phrases that it opens have."""
