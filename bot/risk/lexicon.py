"""What people write instead of the plain word: contractions, slang, misspellings, emoji, look-alike letters.

Every value is already in normal form (plain lower-case words), so that normalising twice changes nothing.
"""

from __future__ import annotations

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
    "sewerslidal": "suicidal",
    "w/o": "without",
    "no1": "nobody",
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
    "toaster bath": "suicide",
    "how 2": "how to",
    "want 2": "want to",
    "ways 2": "ways to",
    "way 2": "way to",
    "place 2": "place to",
    "need 2": "need to",
    "ready 2": "ready to",
    "have 2": "have to",
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

UNLIKELY = frozenset(("is", "as", "a", "i", "be", "so"))
"""Short words that a model number folds into (``i5``, ``a5``, ``b3``): such digits stay digits."""

_COMMON = """
on this with have am are was be not will would your so just like about get know if but or at as from when there all one
they he she we no out up go want any need good day time make see why does did where who which could should tell give
find people than then them her him his had has by an been more much some too very really now never again without off
into think going
"""
COMMON = frozenset(_COMMON.split())
"""Words of many messages: few help to tell which phrases to look for."""

_COMMONEST = """
i the a to and of in is it you my me for that do what how can
"""
COMMONEST = frozenset(_COMMONEST.split())
"""Words of almost any message: no good for that at all."""
