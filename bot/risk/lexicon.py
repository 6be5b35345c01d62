"""What people write instead of the plain word: contractions, slang, misspellings, emoji, look-alike letters.

Every value is already in normal form (plain lower-case words), so that normalising twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

# Letters of other scripts that look like Latin ones. Phrases of the policy go through the same table, so that a policy
# written in Russian or Greek still meets its text.
CONFUSABLES = str.maketrans(
    "аеорсухіјѕԁһӏкмтвнгαορυνικτεη" + "ıłøđħŧƙ" + "’‘ʼ´`ʹ＇",
    "aeopcyxijsdhlkmtbhraopuviktenilodhtk"[: len("аеорсухіјѕԁһӏкмтвнгαορυνικτεη") + 7] + "'" * 7,
)

LEET = str.maketrans("0345789@$+!|€£", "oeastbgastiiel")
"""``1`` is left out: it stands for i and for l, and both are tried."""

EMOJI = {
    "🔪": "knife",
    "🗡": "knife",
    "🪒": "razor",
    "🔫": "gun",
    "💣": "bomb",
    "💀": "skull",
    "☠": "skull",
    "⚰": "coffin",
    "🪦": "grave",
    "💊": "pills",
    "🪢": "noose",
    "🩸": "blood",
    "🌉": "bridge",
    "🚂": "train",
    "🚆": "train",
    "🏃": "running",
    "😂": "lol",
    "🤣": "lol",
    "😆": "lol",
}

CONTRACTIONS = {
    "i'm": "i am",
    "im": "i am",
    "i'ma": "i am going to",
    "imma": "i am going to",
    "ima": "i am going to",
    "i've": "i have",
    "ive": "i have",
    "i'd": "i would",
    "i'll": "i will",
    "you're": "you are",
    "youre": "you are",
    "you've": "you have",
    "you'll": "you will",
    "you'd": "you would",
    "he's": "he is",
    "hes": "he is",
    "she's": "she is",
    "shes": "she is",
    "he'd": "he would",
    "she'd": "she would",
    "he'll": "he will",
    "she'll": "she will",
    "it's": "it is",
    "its": "it is",
    "it'll": "it will",
    "it'd": "it would",
    "that's": "that is",
    "thats": "that is",
    "there's": "there is",
    "theres": "there is",
    "here's": "here is",
    "what's": "what is",
    "whats": "what is",
    "who's": "who is",
    "how's": "how is",
    "where's": "where is",
    "let's": "let us",
    "we're": "we are",
    "we've": "we have",
    "we'll": "we will",
    "they're": "they are",
    "theyre": "they are",
    "they've": "they have",
    "they'll": "they will",
    "they'd": "they would",
    "can't": "can not",
    "cant": "can not",
    "cannot": "can not",
    "won't": "will not",
    "wont": "will not",
    "don't": "do not",
    "dont": "do not",
    "doesn't": "does not",
    "doesnt": "does not",
    "didn't": "did not",
    "didnt": "did not",
    "isn't": "is not",
    "isnt": "is not",
    "aren't": "are not",
    "arent": "are not",
    "wasn't": "was not",
    "wasnt": "was not",
    "weren't": "were not",
    "werent": "were not",
    "haven't": "have not",
    "havent": "have not",
    "hasn't": "has not",
    "hasnt": "has not",
    "hadn't": "had not",
    "hadnt": "had not",
    "wouldn't": "would not",
    "wouldnt": "would not",
    "couldn't": "could not",
    "couldnt": "could not",
    "shouldn't": "should not",
    "shouldnt": "should not",
    "mustn't": "must not",
    "ain't": "is not",
    "aint": "is not",
    "nobody's": "nobody is",
    "no-one": "nobody",
    "noone": "nobody",
    "everyone's": "everyone is",
    "everybody": "everyone",
    "everybody's": "everyone is",
    "everyones": "everyone is",
    "life's": "life is",
}

SLANG = {
    "wanna": "want to",
    "wana": "want to",
    "gonna": "going to",
    "gunna": "going to",
    "gon": "going to",
    "finna": "going to",
    "gotta": "have to",
    "hafta": "have to",
    "gimme": "give me",
    "lemme": "let me",
    "u": "you",
    "ur": "your",
    "urself": "yourself",
    "yourselves": "yourself",
    "themself": "themselves",
    "r": "are",
    "n": "and",
    "rn": "right now",
    "tn": "tonight",
    "tonite": "tonight",
    "2nite": "tonight",
    "2night": "tonight",
    "tmrw": "tomorrow",
    "tmr": "tomorrow",
    "tomorow": "tomorrow",
    "2day": "today",
    "bc": "because",
    "cuz": "because",
    "coz": "because",
    "cos": "because",
    "bcuz": "because",
    "pls": "please",
    "plz": "please",
    "rly": "really",
    "rlly": "really",
    "idk": "i do not know",
    "dunno": "do not know",
    "idc": "i do not care",
    "ppl": "people",
    "ya": "you",
    "yall": "you",
    "wtf": "what the fuck",
    "af": "as fuck",
    "lmao": "lol",
    "lmfao": "lol",
    "rofl": "lol",
    "haha": "lol",
    "hahaha": "lol",
    "hahah": "lol",
    "hehe": "lol",
    "jk": "just kidding",
    "j/k": "just kidding",
    "smth": "something",
    "sth": "something",
    "bf": "boyfriend",
    "gf": "girlfriend",
    "mum": "mom",
    "mama": "mom",
    "mommy": "mom",
    "mummy": "mom",
    "daddy": "dad",
    "bro": "brother",
    "sis": "sister",
    "bestie": "best friend",
    "kms": "kill myself",
    "kmsing": "killing myself",
    "kys": "kill yourself",
    "unalive": "kill",
    "unaliving": "killing",
    "unalived": "killed",
    "unaliv": "kill",
    "sewerslide": "suicide",
    "sewercide": "suicide",
    "toaster-bath": "suicide",
    "ctb": "kill myself",
    "selfharm": "self harm",
    "selfharming": "self harming",
    "selfharmed": "self harmed",
    "selfinjury": "self harm",
    "self-mutilation": "self harm",
    "anymore": "anymore",
    "livin": "living",
    "dyin": "dying",
    "killin": "killing",
    "hurtin": "hurting",
    "cuttin": "cutting",
    "feelin": "feeling",
    "goin": "going",
    "nothin": "nothing",
    "thinkin": "thinking",
}

MISSPELT = {
    "my self": "myself",
    "any more": "anymore",
    "any longer": "anymore",
    "no one": "nobody",
    "every one": "everyone",
    "to night": "tonight",
    "sewer slide": "suicide",
    "sue a side": "suicide",
    "over dose": "overdose",
    "over dosed": "overdosed",
    "self injury": "self harm",
    "self mutilation": "self harm",
    "self injure": "self harm",
    "self injuring": "self harming",
    "self mutilate": "self harm",
    "my self harm": "my self harm",
    "my self harming": "my self harming",
    "my self injury": "my self harm",
    "my self esteem": "my self esteem",
    "my self worth": "my self worth",
    "un alive": "kill",
}
"""Two and three word forms; the keys hold only words that nothing above changes."""

_SENSITIVE = """
abuse abused anorexia anorexic beat bleed blood bomb bulimia bulimic choke cut cutting dead death depressed die drown
dying exist gun hang hanging harm harming hate hopeless hurt hurting jump kill killed killing knife live murder myself
overdose pills poison purge rape raped razor rope self shoot slit stab starve starving strangle suicidal suicide tonight
vomit want wrist wrists worthless yourself
"""
SENSITIVE = frozenset(_SENSITIVE.split())
"""Words worth finding inside disguises: folded digits, masked or stretched letters, missing spaces."""

_GLUE = """
a all am and be better can do end ending everyone feel go going here i in is it just life like me my never not of off on
please really so the this to today up wake will with without world you your
"""

VOCABULARY = SENSITIVE | frozenset(_GLUE.split())
"""Words a run without spaces may be made of (``iwanttodie``)."""

_FUZZY = (
    "suicide",
    "suicidal",
    "anorexia",
    "anorexic",
    "bulimia",
    "bulimic",
    "myself",
    "yourself",
    "overdose",
    "overdosed",
    "hopeless",
    "worthless",
    "depressed",
)
_REAL_NEIGHBOURS = frozenset(("overdone", "depresses", "repressed", "overdoes", "overdosing", "overdoses"))


UNLIKELY = frozenset(("is", "as", "a", "i", "be", "so"))
"""Short words that a model number folds into (``i5``, ``a5``, ``b3``): such digits stay digits."""


def _without_one(word: str) -> Iterator[str]:
    return (word[:i] + word[i + 1 :] for i in range(1, len(word)))


_DELETED = {form: word for word in _FUZZY for form in (word, *_without_one(word))}


def respelt(word: str) -> str | None:
    """The sensitive word that ``word`` misspells by one letter (left out, added, changed or swapped), else None.

    Words under six letters are left alone: too many real words are one letter away.
    """
    if not 6 <= len(word) <= 10 or word in _REAL_NEIGHBOURS or word in VOCABULARY:
        return None
    for form in (word, *_without_one(word)):
        found = _DELETED.get(form)
        if found is not None and found[0] == word[0]:
            return found
    return None


def squeeze(word: str) -> str:
    """``word`` with every run of one letter made a single letter."""
    return "".join(letter for i, letter in enumerate(word) if i == 0 or letter != word[i - 1])


SQUEEZED = {squeeze(word): word for word in sorted(VOCABULARY)}
"""So that ``kiiilll`` and ``suiciiide`` find their word."""


def _masks(word: str) -> Iterator[str]:
    inside = range(1, len(word) - 1) if len(word) > 3 else range(1, len(word))
    for count in range(1, min(3, len(word) - 2) + 1):
        for places in combinations(inside, count):
            yield "".join("*" if i in places else letter for i, letter in enumerate(word))


MASKED = {mask: word for word in sorted(SENSITIVE, reverse=True) if len(word) >= 3 for mask in _masks(word)}
"""``su*c*de`` -> ``suicide``; a mask that fits several words goes to the first in the alphabet."""
