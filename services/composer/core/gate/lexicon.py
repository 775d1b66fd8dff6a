"""Words the gate knows, by language, folded: lower case, no accents. Chosen by hand for English and Spanish mail."""

from collections.abc import Mapping


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(text.split(", "))


def _numbered(text: str) -> Mapping[str, int]:
    return {word: number for number, word in enumerate(text.split(), start=1)}


MONTHS = _words(
    "january february april june july august september october november december enero febrero marzo abril "
    "mayo junio julio agosto septiembre setiembre octubre noviembre diciembre"
)
DAYS = _words(
    "monday tuesday wednesday thursday friday saturday sunday tomorrow tonight lunes martes miercoles jueves "
    "viernes sabado domingo"
)

LARGE_NUMBERS: Mapping[str, frozenset[str]] = {
    "en": _words(
        "billion billions dozen dozens eighteen eighty eleven fifteen fifty forty fourteen hundred hundreds "
        "million millions nineteen ninety seventeen seventy sixteen sixty thirteen thirty thousand thousands "
        "twelve twenty"
    ),
    "es": _words(
        "catorce cien ciento cientos cincuenta cuarenta diecinueve dieciocho dieciseis diecisiete doce docena "
        "docenas mil miles millon millones noventa ochenta quince sesenta setenta trece treinta veinte"
    ),
}
SMALL_NUMBERS: Mapping[str, Mapping[str, int]] = {
    "en": _numbered("one two three four five six seven eight nine ten"),
    "es": {"una": 1, "uno": 1, **_numbered("un dos tres cuatro cinco seis siete ocho nueve diez")},
}
UNITS: Mapping[str, frozenset[str]] = {
    "en": _words(
        "companies customers day days dollar dollars euro euros hour hours learners lesson lessons minute "
        "minutes month months people percent students teams times week weeks year years"
    ),
    "es": _words(
        "alumnos ano anos clientes dia dias dolar dolares empresas equipos estudiantes euro euros hora horas "
        "leccion lecciones mes meses minuto minutos personas semana semanas veces"
    ),
}

# Superlatives, multiples, offers, promises, urgency, and words on others. A claim is allowed where the course or the
# brand makes it in the same words.
CLAIMS = _phrases(
    "best, a leader, leader in, leading provider, exceptional, excepcional, lider en, "
    "the greatest, the leading, top rated, the most, number 1, fastest, easiest, cheapest, lowest price, "
    "the only, unbeatable, ultimate, perfect, proven, award winning, leading course, world leading, the top, "
    "highest, el mejor, la mejor, los mejores, las mejores, lo mejor, el mas, la mas, los mas, las mas, numero 1, "
    "unico, unica, lider, perfecto, perfecta, inmejorable, insuperable, premiado, double, triple, twice as, ten "
    "times, half price, half the time, doble de, el doble, el triple, mitad de precio, mitad del tiempo, free, "
    "for free, discount, discounted, percent off, voucher, coupon, refund, money back, bonus, cash, prize, "
    "winner, trial offer, no cost, zero cost, save money, special offer, gratis, gratuito, gratuita, gratuitos, "
    "gratuitas, descuento, descuentos, rebaja, cupon, reembolso, premio, ganador, sin coste, sin costo, oferta, "
    "regalo, guarantee, guarantees, guaranteed, certified, certificate, accredited, diploma, will earn, garantia, "
    "garantiza, garantizado, garantizada, certificado, acreditado, hurry, act now, act today, last chance, "
    "limited time, only today, today only, before it is too late, ends soon, don't miss, do not miss, urgent, "
    "date prisa, ultima oportunidad, solo hoy, no te pierdas, urgente, termina pronto, plazas limitadas, fraud, "
    "scam, scammer, competitor, competitors, fraude, estafa, estafador"
)

# What would tell a reader that somebody watches.
WATCHING = _phrases(
    "we saw, we've seen, we have seen, we see that, we noticed, we've noticed, i noticed, i saw, noticed that "
    "you, noticed you, noticed your, saw you, saw that you, seen you, you visited, you've visited, you have "
    "visited, you viewed, you've viewed, you have viewed, you browsed, you looked at, you've looked at, you have "
    "looked at, you were looking at, you've been looking, you have been looking, you've been reading, you have "
    "been reading, you've been browsing, you watched, you clicked, you've clicked, you have clicked, you opened, "
    "you spent, you searched, you hovered, your browsing, your activity, your visit, your visits, your clicks, "
    "your history, your profile, your behaviour, your behavior, your searches, we know you, we know that you, "
    "tracked, tracking you, we track, our records, our data, your data shows, watching you, monitoring you, you "
    "came back, you returned to, pages you, hemos visto, vimos que, hemos notado, notamos que, nos hemos dado "
    "cuenta, nos dimos cuenta, he visto que, visitaste, has visitado, viste la pagina, viste el curso, miraste, "
    "has mirado, navegaste, has navegado, has estado viendo, has estado mirando, has estado leyendo, buscaste, "
    "has buscado, hiciste clic, has hecho clic, abriste, tu actividad, tu visita, tus visitas, tu historial, tu "
    "navegacion, tus busquedas, tus clics, tu perfil, tu comportamiento, sabemos que has, sabemos que te, "
    "nuestros registros, nuestros datos, te rastreamos, te seguimos"
)

# A model speaking of itself.
REFUSALS = _phrases(
    "as an ai, as a language model, as a large language model, i am an ai, i'm an ai, language model, i can't "
    "help, i cannot help, i can't assist, i cannot assist, i'm sorry but, i am sorry but, i'm unable, i am "
    "unable, i won't be able, i can't comply, i cannot comply, as requested, here is the email, here's the email, "
    "here is your email, como modelo de lenguaje, como una ia, soy una ia, no puedo ayudar, no puedo ayudarte, lo "
    "siento pero, modelo de lenguaje, aqui esta el correo, aqui tienes el correo"
)

# Text that talks to a model, not to a reader; refused even where the catalogue holds it.
INJECTIONS = _phrases(
    "previous instructions, prior instructions, above instructions, ignore the above, ignore all, disregard, "
    "system prompt, system message, developer message, your instructions, my instructions, jailbreak, you are "
    "now, do anything now, pretend to be, instrucciones anteriores, instrucciones previas, ignora las "
    "instrucciones, ignora todas, mensaje del sistema, prompt del sistema"
)

# Capitalised first words of a sentence that a comma or an 's may follow without being anybody's name.
STARTERS = _words(
    "ademas after again ahora alli alone also and antes aqui asi before bien bienvenida bienvenido but cada "
    "con dear despues each either en enhorabuena entonces everybody everyone finally finalmente first for "
    "gracias hello here hi hola hoy in instead it later let luego mas muchas next no nobody now often once or "
    "pero por primero second segundo si siempre sin so somebody someone sometimes still tambien tercero "
    "thanks that then there third this today together usually welcome well what who with y yes yet"
)
NOUNS_ARE_CAPITALS = frozenset({"de"})
ALWAYS_CAPITAL = frozenset({"i", "i'm", "i'll", "i've", "i'd"})

# The most frequent words of each language, some shared by several. They vote; another language must not win clearly.
STOP_WORDS: Mapping[str, frozenset[str]] = {
    "en": _words(
        "after an and are as at be before by can for from has have how if in into is it more not of on one or "
        "than that the they this to was we what when which who will with you your"
    ),
    "es": _words(
        "al antes cada como con cuando de del despues el en es esta este hay la las lo los mas no o para por "
        "porque puedes que se si sin sobre son su te tu tus un una y"
    ),
    "pt": _words(
        "antes ao as cada com como da das de depois do dos e em isto mais nao o os ou para por porque quando "
        "que sao se sem seu sobre sua um uma voce"
    ),
    "fr": _words(
        "apres au avant avec ce cette chaque comme dans de des du en est et la le les ne ou par pas plus pour "
        "quand que qui sa sans se son sont sur un une votre vous"
    ),
    "de": _words(
        "auf das dem den der des die ein eine es fur ihr ihre im in ist jede mehr mit nach nicht oder ohne "
        "sich sie sind uber und von vor weil wenn wie zu"
    ),
    "nl": _words(
        "aan als bij dan dat de die dit een en er het hoe in is je jouw met naar niet of om ons op te uit van voor "
        "wat we wie ze zijn zo"
    ),
    "it": _words(
        "al che come con da del della di dopo e gli i il in la le lo non o ogni per perche piu prima quando "
        "questo senza si sono su sua suo tu tuo un una"
    ),
}
