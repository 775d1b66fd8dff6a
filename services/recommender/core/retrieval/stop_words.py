"""Words of a query that name no subject, by language: those that join others, and those that name a form of course.

A guide, a checklist or a first step is what a lead took, not what they want to learn; in a thin catalogue such a word
is rare, and would decide. Lists of libraries hold a thousand words and more, subjects among them (`computer`): these
are short, and were chosen on the half of `bench/judged` on which weights may be chosen.
"""

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

_JOINING: Mapping[str, str] = MappingProxyType(
    {
        "en": (
            "a about above across after again against ago all almost alone along already also although always am among "
            "an and another any anybody anyone anything are around as at away back be became because been before being "
            "below between both but by came can cannot come could d did didn do does doesn doing don done down during "
            "each either else enough even ever every everybody everyone everything few for from further get gets "
            "getting give go goes going got had has have haven having he her here hers herself him himself his how i "
            "if in into is isn it its itself just keep let like ll m make many may maybe me might more most much must "
            "my myself need neither never no nobody none nor not nothing now of off often on once one only or other "
            "others our ours ourselves out over own per please put rather re really s same see she should since so "
            "some somebody someone something still such t take than thanks that the their theirs them themselves then "
            "there these they thing things this those though through till to today together tomorrow too toward "
            "towards under until up upon us ve very want wanted wants was way we well were what whatever when where "
            "whether which while who whole whom whose why will with within without won would yes yesterday yet you "
            "your yours yourself "
        ),
        "es": (
            "a al algo alguien alguna algunas alguno algunos algún ante antes apenas aquel aquella aquellas aquello "
            "aquellos aquí así aun aunque aún bajo bien cabe cada casi como con conmigo contigo contra cual cuales "
            "cualquier cuando cuanto cuál cuándo cuánto cómo de debe del demás dentro desde después donde dos durante "
            "dónde e el ella ellas ello ellos en entonces entre era eran eres es esa esas ese eso esos esta estaba "
            "estar estas este esto estos estoy está están etc fue fueron ha hace hacer hacia han has hasta hay he "
            "hemos hoy incluso ir la las le les lo los luego mas me mejor menos mi mientras mis misma mismas mismo "
            "mismos mucha muchas mucho muchos muy más mí nada nadie ni ninguna ninguno ningún no nos nosotros nuestra "
            "nuestras nuestro nuestros nunca o os otra otras otro otros para pero poco poder por porque puede pueden "
            "puedo pues que quien quienes quiere quiero quién qué se sea sean según ser si sido siempre sin sino sobre "
            "sois solo somos son soy su sus sí sólo tal también tan tanto te tener tengo ti tiene tienen toda todas "
            "todavía todo todos tras tu tus tú un una unas uno unos usted ustedes va vamos van varias varios voy y ya "
            "yo él "
        ),
        "de": (
            "ab aber alle allem allen aller alles als also am an ander andere anderen anderer anderes auch auf aus bei "
            "beim bin bis bist da dabei dadurch dafür daher damit danach dann daran darauf darf das dass dein deine "
            "deinen deiner dem den denn der deren des dessen dich die dies diese diesem diesen dieser dieses dir doch "
            "dort du durch ein eine einem einen einer eines einfach einmal er es etwa etwas euch euer eure für ganz "
            "gar gegen geht gerade gern gibt habe haben hast hat hatte hatten hier hin hinter ich ihm ihn ihnen ihr "
            "ihre ihrem ihren ihrer im immer in ins ist ja jede jedem jeden jeder jedes jetzt kann kannst kaum kein "
            "keine keinem keinen keiner können könnte lassen mal man manche mehr mein meine meinem meinen meiner mich "
            "mir mit muss möchte müssen nach nicht nichts noch nun nur ob oder ohne schon sehr sein seine seinem "
            "seinen seiner seit selbst sich sie sind so soll sollen sollte sondern sonst um und uns unser unsere "
            "unserem unseren unserer unter viel viele vom von vor wann war waren warum was weil weiter welche welchem "
            "welchen welcher welches wenig wenn wer werde werden wie wieder will wir wird wo wohl wollen worden wurde "
            "wurden zu zum zur zwar zwei zwischen über "
        ),
        "fr": (
            "a afin ai ainsi alors après as assez au aucun aucune aujourd aussi autre autres aux avant avec avez avoir "
            "avons bien c car ce ceci cela celle celles celui ces cet cette ceux chaque chez ci comme comment contre d "
            "dans de depuis des deux doit donc dont du déjà elle elles en encore entre es est et eu eux faire fait "
            "faut hors hui il ils j jamais je jusqu jusque l la le les leur leurs lui là m ma mais me mes mieux moi "
            "moins mon même mêmes n ne ni non nos notre nous on ont ou où par parce pas pendant peu peut peuvent peux "
            "plus plusieurs plutôt pour pourquoi puis qu quand que quel quelle quelles quelque quelques quels qui quoi "
            "s sa sans se selon sera ses seul si sien soi soit son sont sous souvent suis sur t ta tant te tel telle "
            "tels tes toi ton toujours tous tout toute toutes trop très tu un une va vers veut veux voici voilà vos "
            "votre vous vraiment y à ça étaient était étant été être "
        ),
        "pt": (
            "a ainda algo algum alguma alguns alguém além antes ao aos apenas após aquela aquele aquilo as assim até "
            "cada com como contra da das de dela dele deles depois desde dessa desse desta deste dever do dois dos e "
            "ela elas ele eles em enquanto entre era essa essas esse esses esta estar estas este estes estou está "
            "estão eu faz fazer foi foram há isso isto já lhe lhes lá mais mas me mesma mesmo meu meus minha minhas "
            "muita muito muitos na nada nas nem nenhum no nos nossa nosso num numa nunca não nós o onde os ou outra "
            "outras outro outros para pela pelas pelo pelos pode podem por porque posso pouco qual quando quanto quase "
            "que quem quer quero se sem sempre ser será seu seus si sob sobre sou sua suas são também te tem tenho ter "
            "teu teve toda todas todo todos tu tua tão têm um uma umas uns vai vamos você vocês vou à às é "
        ),
    }
)
_FORMS: Mapping[str, str] = MappingProxyType(
    {
        "en": (
            "basic basics begin beginner beginners beginning checklist checklists class classes complete course "
            "courses day days download easy ebook essentials first guide guides handbook home hour hours intro "
            "introduction know learn learning lesson lessons live minute minutes mistake mistakes month months new "
            "newsletter next page pages pdf plain practical reason reasons round session simple start started starting "
            "step steps template templates tip tips training tutorial tutorials up webinar webinars website week weeks "
            "words year years "
        ),
        "es": (
            "aprender año años básico clase clases consejo consejos curso cursos descarga día días empezar error "
            "errores formación guia guía horas inicio introducción lección libro lista mes meses minutos nueva nuevo "
            "paso pasos pdf plantilla primer primera primero primeros práctica práctico página razones razón saber "
            "semana semanas sesión taller tutorial webinar "
        ),
        "de": (
            "anfang anfangen anleitung beginnen buch checkliste download einfach einführung erste ersten erster fehler "
            "grund grundlagen gründe jahr jahre kurs kurse lehrgang leitfaden lernen minuten monat monate neu neue "
            "neues nächste pdf praktisch ratgeber schritt schritte schulung seite seminar startseite stunden tag tage "
            "tipp tipps vorlage webinar wissen woche wochen "
        ),
        "fr": (
            "accueil an année ans apprendre atelier classe commencer conseil conseils cours débuter erreur erreurs "
            "formation guide heures introduction jour jours leçon liste livre minutes modèle mois nouveau nouvelle "
            "page pdf pratique premier premiers première raison raisons savoir semaine semaines séance tutoriel "
            "télécharger webinaire étape étapes "
        ),
        "pt": (
            "ano anos aprender aula aulas baixar básico checklist começar curso cursos dia dias dica dicas erro erros "
            "formação guia horas introdução início lista livro lição meses minutos modelo mês nova novo oficina passo "
            "passos pdf primeira primeiro prático página razão saber semana semanas treinamento tutorial webinar "
        ),
    }
)

_WORD = re.compile(r"[^\W_]+")
FALLBACK = "en"  # is read everywhere: titles of business are half in English


@cache
def stop_words(language: str) -> frozenset[str]:
    """The stop words of a language and of English, in small letters; of a language without a list, of all."""
    names = (language, FALLBACK) if language in _JOINING else tuple(_JOINING)
    return frozenset(word for name in names for words in (_JOINING, _FORMS) for word in words[name].split())


def content(text: str, language: str) -> str:
    """The words of a text that may name a subject: those that only join others, or name a form of course, are left out.

    Law: nothing but words of the text, in its order.
    """
    without = stop_words(language)
    return " ".join(each for each in _WORD.findall(text) if each.casefold() not in without)
