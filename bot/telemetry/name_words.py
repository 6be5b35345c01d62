"""Words that tell names of people from other capitalised words, by what they do. Lower case throughout."""

from __future__ import annotations

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TITLES: Final = _words(
    """mr mrs ms miss mx dr prof professor doctor sir madam madame monsieur herr frau señor señora sr sra dame lady lord
    rev reverend father sister officer captain sergeant judge senator uncle aunt auntie grandpa grandma nurse coach"""
)
SUFFIXES: Final = _words("jr sr ii iii iv phd md dds esq dvm rn mba")
PARTICLES: Final = _words("de da do dos das del della di du la le van von der den ter ten zu bin ibn al el y e af av")
"""Small words inside names; a run neither begins nor ends with one."""

GREETINGS: Final = _words("hi hello hey dear thanks bye goodbye cheers welcome regards sincerely love")
SPEECH: Final = _words(
    """said says asked asks told tells replied replies shouted shouts answered answers whispered explained explains
    wrote writes added adds commented thinks thought points remarked laughed cried texted called calls emailed"""
)
DOES: Final = _words(
    """is was has had will would can could lives lived works worked likes loves loved hates went came moved gave given
    got left met married divorced flew began listed says said does did keeps kept wants wanted needs never always
    shouted hit broke cheated died helped knows makes made sings plays and & who whose"""
)
"""What follows a person's name in a sentence: a verb, mostly."""
ONLY_PEOPLE_DO: Final = _words(
    """began wrote flew moved married divorced lives lived cried laughed thinks feels felt believes hates smiled
    listed cheated apologised apologized died hugged kissed dumped texted"""
)
"""Verbs that hardly anything but a person goes with."""
LEADS: Final = _words(
    """by with and or & under about called named add adding producer singer player actor author writer poet
    president director manager boss doctor friend friends husband wife boyfriend girlfriend partner brother
    sister son daughter mother father mom mum dad cousin neighbour neighbor colleague teacher ex early late user
    account for between meet met tell ask told asked love miss missed saw see called know knew than like married
    date dating text texted calling grandfather grandmother nephew niece roommate flatmate therapist remember
    including tribute to"""
)
"""What comes before a person's name."""
BEFORE_PLACES: Final = _words(
    """from in near at via across visiting visit leaving towards toward around outside inside into through within
    throughout of southern northern eastern western central downtown city"""
)
ADDRESS_WORDS: Final = _words("apt apartment suite unit box flat psc apo fpo dpo po")
"""A run of capitals that goes on into an address ends before these."""
DETERMINERS: Final = _words("the a an this that these those our my your his her its their every each some any no")

SENTENCE_WORDS: Final = _words(
    """i i'm i'd i'll i've you you're he she it it's we they me him us them what what's who who's whom whose which when
    where why how is are was were am be been do does did don't doesn't didn't can can't could couldn't will won't would
    wouldn't shall should shouldn't may might must mustn't have has had having not no yes yeah yep nope ok okay oh ah
    well so and or but nor yet for if then than because as at by from in into of off on onto out over to under up down
    with without about above after again against before below between during until while the a an this that these those
    there there's here here's my your his her its our their mine yours hers ours theirs all any both each few more most
    other some such only own same too very just now please thanks thank sorry hello hi hey dear good bad great new old
    first last next let let's go get give gave take make made need want know think see look find tell told ask asked
    say said says come came call called send sent show put keep try tried use used work works help feel felt feeling
    maybe perhaps also even still ever never always often sometimes usually today tomorrow yesterday tonight once twice
    one two three four five six seven eight nine ten many much every everyone everybody everything someone somebody
    something anyone anybody anything nobody nothing none another since although though however therefore anyway
    actually basically honestly really unfortunately fortunately luckily sadly finally lately recently suddenly
    my name mr mrs ms dr bot user client customer patient agent sir madam dude guys folks everyone team
    answer question date when where name names phone mobile desk fax office email e-mail website address billing zip
    info personal number card account bank iban visa title subject re note ps ask edit update background problem tldr
    excuse words during god whereas unlike despite
    within whenever wherever whether unless upon among toward around nowadays meanwhile instead besides moreover
    mom mum dad mother father brother sister son daughter husband wife boyfriend girlfriend friend friends boss doctor
    grandma grandpa people person man woman men women boy girl kids kid child children family life love work home
    school college university job money time day night week month year years morning evening afternoon right left
    is isn't aren't wasn't weren't haven't hasn't hadn't ain't gonna wanna gotta im ive id ill dont cant wont didnt
    everytime whatever whoever although nice happy sad angry lonely tired sick anxious depressed stressed scared
    lol omg wtf btw idk tbh imo ugh wow haha hmm um uh er eh does being getting going trying having making doing
    talking speaking living looking working meet start stop turn turns open close pay check add change cancel update
    block transfer move moved buy sell order book play read write watch listen learn teach explain describe list"""
)
"""Words that begin sentences: capitalised there, they say nothing."""

NOT_PEOPLE: Final = _words(
    """monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december christmas easter thanksgiving halloween ramadan hanukkah diwali new year
    english french german spanish italian portuguese dutch danish swedish norwegian finnish icelandic russian polish
    czech slovak slovenian croatian serbian hungarian romanian bulgarian greek turkish arabic hebrew hindi urdu chinese
    japanese korean vietnamese thai indian pakistani american canadian mexican brazilian british irish scottish welsh
    australian african asian european latin ukrainian chechen estonian latvian lithuanian israeli iranian persian
    egyptian tunisian moroccan ethiopian kenyan nigerian swiss austrian belgian filipino jewish muslim christian
    catholic protestant buddhist hindu cypriot maltese uruguayan argentinian chilean peruvian cuban
    internet google facebook instagram twitter youtube netflix amazon apple microsoft whatsapp discord slack reddit
    tiktok zoom skype paypal visa mastercard iphone android windows linux uber spotify covid adhd ptsd ocd tv usa uk us
    eu un nhs gp er atm pin cv hr ceo cfo it ai id iban faq diy pc dvd pdf url api sms gps god jesus christ bible quran
    bitcoin sos apt apo fpo dpo psc po box app store black"""
)
"""Capitalised words that name no person."""

NOT_NAMES: Final = _words(
    """inc inc. ltd llc plc gmbh ag corp corporation company co group holdings partners bank technologies technology
    systems solutions services service university college institute school academy hospital clinic church council
    committee department ministry agency association foundation society club orchestra band team force army navy
    investments insurance international national global capital media press news times weekly daily magazine journal
    street road avenue lane drive court place square boulevard park station airport bridge river lake island islands
    mountain valley beach hotel restaurant museum library theatre theater stadium center centre mall north south east
    west northern southern eastern western states state kingdom republic city town village county province zealand
    united war act bill law rights tale tales story stories song songs album chronicles game games movie film
    statement policy agreement data health software labs studio studios industries logistics energy
    america cancer virus disease disorder syndrome security delivery fund top auto uni
    constitution revolution championship league cup olympics festival award awards conference summit"""
)
"""Words that make the whole run something else than a person: an organisation, a place, a work."""
