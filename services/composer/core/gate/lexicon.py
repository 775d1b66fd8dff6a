"""Phrases that talk of watching, or of or to a model; folded. Other words: `lexicons/<language>.yaml`."""


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(text.split(", "))


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
