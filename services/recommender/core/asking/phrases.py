"""What the rules say, by language: the sentences of a job, of a composed course, and of why a course was picked."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from schemas.course import Level


@dataclass(frozen=True, slots=True)
class Phrases:
    """The sentences of one language. `is_small`: within a sentence a title begins with a small letter."""

    both: str
    topic: str
    conversion: str
    neither: str
    title: str
    bare_title: str
    description: str
    after: str
    covers: str
    reader: str
    levels: Mapping[Level, str]
    joint: str
    shared: str
    near: str
    explored: str
    otherwise: str
    is_small: bool = True


ENGLISH = Phrases(
    both="Get better at {topic} and put it to work, starting from “{conversion}”.",
    topic="Get better at {topic} and put it to work.",
    conversion="Take the next step after “{conversion}”.",
    neither="Find the one skill that helps most right now.",
    title="{topic} in practice",
    bare_title="The next step in practice",
    description="A practical course for {level} on {topic}.",
    after="It continues where “{conversion}” ends.",
    covers="It covers {titles}.",
    reader="It is made for: {reader}.",
    levels={"beginner": "beginners", "intermediate": "people with some practice", "advanced": "experienced people"},
    joint=" and ",
    shared="It is about {topic}, which is what this job needs.",
    near="Of the open courses it comes nearest to this job.",
    explored="One of the near courses, taken to learn whether it helps with jobs like this one.",
    otherwise="It is one of the courses that are open now.",
)
SPANISH = Phrases(
    both="Mejorar en {topic} y llevarlo a la práctica, a partir de «{conversion}».",
    topic="Mejorar en {topic} y llevarlo a la práctica.",
    conversion="Dar el siguiente paso después de «{conversion}».",
    neither="Encontrar la habilidad que más ayuda ahora mismo.",
    title="{topic} en la práctica",
    bare_title="El siguiente paso en la práctica",
    description="Un curso práctico para {level} sobre {topic}.",
    after="Continúa donde termina «{conversion}».",
    covers="Trata: {titles}.",
    reader="Está pensado para: {reader}.",
    levels={
        "beginner": "principiantes",
        "intermediate": "personas con algo de práctica",
        "advanced": "personas con experiencia",
    },
    joint=" y ",
    shared="Trata de {topic}, justo lo que pide este trabajo.",
    near="De los cursos abiertos es el que más se acerca a este trabajo.",
    explored="Uno de los cursos cercanos, elegido para saber si ayuda en trabajos como este.",
    otherwise="Es uno de los cursos que están abiertos ahora.",
)
GERMAN = Phrases(
    both="In {topic} besser werden und es anwenden, ausgehend von „{conversion}“.",
    topic="In {topic} besser werden und es anwenden.",
    conversion="Den nächsten Schritt nach „{conversion}“ gehen.",
    neither="Die eine Fähigkeit finden, die jetzt am meisten hilft.",
    title="{topic} in der Praxis",
    bare_title="Der nächste Schritt in der Praxis",
    description="Ein praktischer Kurs für {level} zum Thema {topic}.",
    after="Er setzt da an, wo „{conversion}“ endet.",
    covers="Er behandelt: {titles}.",
    reader="Er ist gemacht für: {reader}.",
    levels={"beginner": "Einsteiger", "intermediate": "Menschen mit etwas Praxis", "advanced": "Erfahrene"},
    joint=" und ",
    shared="Er handelt von {topic}, und das braucht diese Aufgabe.",
    near="Von den offenen Kursen kommt er dieser Aufgabe am nächsten.",
    explored="Einer der nahen Kurse, gewählt, um zu erfahren, ob er bei solchen Aufgaben hilft.",
    otherwise="Er ist einer der Kurse, die jetzt offen sind.",
    is_small=False,
)
FRENCH = Phrases(
    both="Progresser en {topic} et le mettre en pratique, à partir de « {conversion} ».",
    topic="Progresser en {topic} et le mettre en pratique.",
    conversion="Passer à l'étape suivante après « {conversion} ».",
    neither="Trouver la compétence qui aide le plus en ce moment.",
    title="{topic} en pratique",
    bare_title="L'étape suivante en pratique",
    description="Un cours pratique pour {level} sur {topic}.",
    after="Il reprend là où « {conversion} » s'arrête.",
    covers="Il traite de : {titles}.",
    reader="Il est fait pour : {reader}.",
    levels={
        "beginner": "débutants",
        "intermediate": "personnes avec un peu de pratique",
        "advanced": "personnes expérimentées",
    },
    joint=" et ",
    shared="Il porte sur {topic}, ce que demande cette tâche.",
    near="Parmi les cours ouverts, c'est le plus proche de cette tâche.",
    explored="Un des cours proches, choisi pour savoir s'il aide dans des tâches comme celle-ci.",
    otherwise="C'est un des cours ouverts en ce moment.",
)
PORTUGUESE = Phrases(
    both="Melhorar em {topic} e aplicar na prática, a partir de “{conversion}”.",
    topic="Melhorar em {topic} e aplicar na prática.",
    conversion="Dar o próximo passo depois de “{conversion}”.",
    neither="Encontrar a habilidade que mais ajuda agora.",
    title="{topic} na prática",
    bare_title="O próximo passo na prática",
    description="Um curso prático para {level} sobre {topic}.",
    after="Continua onde “{conversion}” termina.",
    covers="Trata de: {titles}.",
    reader="É feito para: {reader}.",
    levels={
        "beginner": "iniciantes",
        "intermediate": "pessoas com alguma prática",
        "advanced": "pessoas com experiência",
    },
    joint=" e ",
    shared="Trata de {topic}, o que esta tarefa pede.",
    near="Dos cursos abertos, é o que mais se aproxima desta tarefa.",
    explored="Um dos cursos próximos, escolhido para saber se ajuda em tarefas como esta.",
    otherwise="É um dos cursos abertos agora.",
)
ITALIAN = Phrases(
    both="Migliorare in {topic} e metterlo in pratica, a partire da “{conversion}”.",
    topic="Migliorare in {topic} e metterlo in pratica.",
    conversion="Fare il passo successivo dopo “{conversion}”.",
    neither="Trovare la competenza che aiuta di più adesso.",
    title="{topic} in pratica",
    bare_title="Il passo successivo in pratica",
    description="Un corso pratico per {level} su {topic}.",
    after="Riprende da dove finisce “{conversion}”.",
    covers="Tratta: {titles}.",
    reader="È pensato per: {reader}.",
    levels={"beginner": "principianti", "intermediate": "persone con un po' di pratica", "advanced": "persone esperte"},
    joint=" e ",
    shared="Tratta di {topic}, proprio ciò che serve a questo compito.",
    near="Tra i corsi aperti è quello più vicino a questo compito.",
    explored="Uno dei corsi vicini, scelto per capire se aiuta in compiti come questo.",
    otherwise="È uno dei corsi aperti adesso.",
)
DUTCH = Phrases(
    both="Beter worden in {topic} en het toepassen, te beginnen bij “{conversion}”.",
    topic="Beter worden in {topic} en het toepassen.",
    conversion="De volgende stap zetten na “{conversion}”.",
    neither="De ene vaardigheid vinden die nu het meest helpt.",
    title="{topic} in de praktijk",
    bare_title="De volgende stap in de praktijk",
    description="Een praktische cursus voor {level} over {topic}.",
    after="Hij gaat verder waar “{conversion}” eindigt.",
    covers="Hij behandelt: {titles}.",
    reader="Hij is gemaakt voor: {reader}.",
    levels={"beginner": "beginners", "intermediate": "mensen met wat ervaring", "advanced": "ervaren mensen"},
    joint=" en ",
    shared="Hij gaat over {topic}, precies wat deze taak vraagt.",
    near="Van de open cursussen komt hij het dichtst bij deze taak.",
    explored="Een van de cursussen in de buurt, gekozen om te leren of hij bij zulke taken helpt.",
    otherwise="Het is een van de cursussen die nu open zijn.",
)
JAPANESE = Phrases(
    both="「{conversion}」から始めて、{topic}を身につけて実践する。",
    topic="{topic}を身につけて実践する。",
    conversion="「{conversion}」の次の一歩に進む。",
    neither="いま一番役に立つスキルを見つける。",
    title="実践・{topic}",
    bare_title="実践への次の一歩",
    description="{level}のための{topic}の実践コース。",
    after="「{conversion}」の続きから始まる。",
    covers="内容: {titles}。",
    reader="対象: {reader}。",
    levels={"beginner": "初心者", "intermediate": "少し経験のある人", "advanced": "経験者"},
    joint="と",
    shared="この仕事に必要な{topic}についてのコース。",
    near="公開中のコースの中で、この仕事に一番近い。",
    explored="このような仕事に役立つかを知るために選んだ、近いコースの一つ。",
    otherwise="いま公開中のコースの一つ。",
)
PHRASES: Mapping[str, Phrases] = MappingProxyType(
    {
        "en": ENGLISH,
        "es": SPANISH,
        "de": GERMAN,
        "fr": FRENCH,
        "pt": PORTUGUESE,
        "it": ITALIAN,
        "nl": DUTCH,
        "ja": JAPANESE,
    }
)


def phrases_in(language: str) -> Phrases:
    """The sentences in this language, or in English."""
    return PHRASES.get(language, ENGLISH)


def within(title: str, phrases: Phrases) -> str:
    """A title as it reads within a sentence: its first letter small, but of an acronym, and by language."""
    return title[0].lower() + title[1:] if phrases.is_small and title[1:2].islower() else title
