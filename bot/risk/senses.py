"""Words that mean much the same here, so that a small model learns from few sentences. Normal forms only."""

from __future__ import annotations

_SENSES = {
    "DIE": "die dies died dying dead death deaths deadly fatal corpse funeral grave graves coffin buried",
    "KILLSELF": "suicide suicidal suicides suicidality euthanasia",
    "LIVE": "live lives lived living alive life exist exists existing existence breathe breathing survive survived",
    "BORN": "born birth",
    "END": "end ends ended ending finish finished over permanent",
    "GONE": "gone disappear disappeared vanish vanished leave leaving left away erase erased delete",
    "FOREVER": "forever ever eternity eternal permanently",
    "SLEEP": "sleep asleep sleeping rest resting",
    "WAKE": "wake woke waking awake",
    "DAY": "day days night nights morning mornings evening week weeks month months year years tonight today tomorrow",
    "KIN": "family kids kid children child son daughter wife husband brother sister baby girlfriend boyfriend"
    " partner grandmother grandfather grandma grandpa niece nephew cousin aunt uncle roommate sibling"
    " twin friend friends buddy classmate colleague coworker ex",
    "ALL": "everyone everything all everybody world others people",
    "NOBODY": "nobody nothing none",
    "BETTER": "better easier happier simpler relieved relief calm peace free fine",
    "PAIN": "pain painful hurt hurts hurting suffering suffer agony ache torture misery",
    "CUT": "cut cuts cutting slice slicing sliced carve carving carved blade blades razor razors scissors"
    " sharpener knife knives slit slitting needle pin",
    "MARK": "scar scars scarred marks mark wound wounds bruise bruises bruised lines burns stitches bandage bandages",
    "BLEED": "bleed bleeds bled bleeding blood bloody",
    "BODY": "arm arms wrist wrists thigh thighs leg legs skin hip hips veins vein forearm forearms stomach ankle"
    " flesh knuckles fingers"
    " artery arteries throat neck forearms finger bone tooth teeth eye eyes hand hands"
    " foot face ear ears nails fingernails toe",
    "HARM": "harm harming harmed injure injured injuring injury injuries hurting mutilate punish punishing"
    " punishment damage"
    " dislocate amputate whip scratch bash slam punch infect wreck ruin destroy sabotage",
    "PILLS": "pills pill tablets tablet meds medication medications medicine overdose overdosed overdosing"
    " painkillers paracetamol ibuprofen antidepressants bleach vodka drugs drug dose doses insulin"
    " morphine benadryl"
    " medicines sedatives sedative tylenol advil aspirin acetaminophen xanax valium barbiturates"
    " opioids opioid fentanyl",
    "ROPE": "rope noose hang hanging hanged hangs belt knot strangle choke choking suffocate suffocating",
    "GUN": "gun guns pistol rifle bullet shotgun revolver shoot shooting firearm",
    "HEIGHT": "bridge roof balcony ledge cliff building floor railing tracks train trains platform traffic rooftop"
    " river",
    "JUMP": "jump jumping jumped fall falling swerve crash",
    "TIRED": "tired exhausted exhausting weary worn drained",
    "HOPELESS": "hopeless pointless worthless useless meaningless empty numb",
    "ALONE": "alone lonely abandoned unwanted unloved",
    "HATE": "hate hated hates loathe despise disgust disgusting filthy",
    "DESERVE": "deserve deserved deserves ought",
    "WISH": "wish wishing wished hope hoping hoped pray praying",
    "WANT": "want wants wanted wanting need needs",
    "THINK": "think thinking thought thoughts imagine picture dream dreaming plan planned planning",
    "FEEL": "feel feels feeling felt",
    "STAY": "stay stays staying stayed continue carry remain keep keeps keeping",
    "FIGHT": "fight fighting fought strength strong energy",
    "REASON": "reason reasons point purpose meaning sense why",
    "COURAGE": "courage coward guts nerve scared afraid",
    "SECRET": "hide hiding hidden hides conceal concealing cover covering disguise secretly notice notices noticed"
    " noticing suspect suspects suspicious secret discover undetected unnoticed caught nobody"
    " suspecting smuggle disguised traceless untraceable excuse excuses lie lying fool pretend fake alibi",
    "EAT": "eat eating ate eaten food meal meals calories calorie hungry hunger dinner breakfast lunch bite appetite",
    "VOMIT": "vomit vomiting puke purge purging purged throw threw throwing laxatives laxative binge binging"
    " bulimia bulimic"
    " regurgitate spit diuretics emetic enema enemas",
    "WEIGHT": "weight thin thinner skinny skinnier fat weigh bones kilos pounds kg ribs slim bmi scale"
    " kilo lbs stone scales thinnest skinniest bony skeleton waist",
    "SORRY": "sorry forgive goodbye goodbyes farewell",
    "BURDEN": "burden favour favor",
    "NOT": "not never no without neither nor",
    "FAST": "starve starving starved starves starvation anorexia anorexic ana thinspo fasting fast skip skipping"
    " thinspiration dehydrate dehydration dehydrated malnourished underweight emaciated",
    "PARENTS": "mom mother dad father parents teacher nurse doctor therapist psychiatrist counselor counsellor"
    " psychologist hospital clinic staff ward",
    "RESCUE": "rescue rescued save saved saving intervene interrupt ambulance paramedics hotline resuscitate help"
    " stop stopping stops"
    " rescuers revive revives revived resuscitation saves pumped barrier",
    "PUSH": "convince persuade encourage encouraging push pushing manipulate trick coerce force pressure drive"
    " talk bully motivate inspire recruit trigger tempt dare influence make makes"
    " drives incite incites inciting provoke goad brainwash nudge lure encourages convinces persuades",
    "GAME": "challenge challenges dare dares game games contest competition pact pacts trend hashtags hashtag"
    " trending stunt stunts ritual rituals initiation bet roulette viral",
    "YOUNG": "teen teens teenager teenagers teenage student students girl girls boy boys followers members users"
    " youth pupils young youngsters"
    " minors minor boyfriends schoolgirl underage classmates subscribers audience",
    "WEAK": "depressed vulnerable lonely insecure sad unstable weak fragile desperate"
    " unhappy bullied isolated grieving troubled shy",
    "LOVELY": "beautiful romantic romanticize romanticise glamorous glorify glamorize noble brave cool poetic cute"
    " aesthetic elegant praise celebrate celebrating proud"
    " heroic sweet perfect empowering normal healthy okay attractive appealing desirable benefits advantages",
    "WAYS": "way ways method methods technique techniques tips tricks advice guide tutorial instructions steps"
    " list options strategies tactics hack hacks ideas",
    "SUREST": "painless painlessly peaceful peacefully quick quickest quickly fastest easiest surest best"
    " effective efficient efficiently reliable lethal foolproof discreet"
    " certain sure guaranteed gentle gentlest deadliest simplest cleanest discreetly silently",
    "ASK": "tell give show explain describe provide suggest recommend teach write create generate outline"
    " compose draft invent",
    "STORY": "story novel poem song scene character essay fiction movie script lyrics speech monologue diary",
    "TOXIC": "poison poisons poisonous toxic cyanide arsenic chemical chemicals monoxide helium gas exhaust"
    " antifreeze detergent pesticide nitrite fumes cleaners cleaner ammonia nicotine",
    "ME": "i me myself my",
}
SENSE = {word: name for name, words in _SENSES.items() for word in words.split()}
"""word -> the sense it shares with others; a word without one stands for itself."""
