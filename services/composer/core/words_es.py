"""Spanish, as the brand speaks it: tú throughout, plain, warm, no urgency."""

from services.composer.core.words import Words

SPANISH = Words(
    subjects=(
        "{Count} ideas sobre {topic} para esta semana",
        "Un paso más: {title}",
        "Después de {conversion}: qué viene ahora",
        "Para seguir avanzando: {title}",
        "{Topic}: empieza por {skill}",
        "Para tu trabajo en {topic}: {count} ideas",
    ),
    preheaders=(
        "Con un curso sobre {two_skills}",
        "Primero unas notas breves, luego el curso: {title}",
        "La primera nota: {note}",
        "Notas de nuestro curso sobre {two_skills}",
        "Notas de {title}",
    ),
    thanks={
        "guide": (
            "Gracias por descargar {conversion}.",
            "Nos pediste {conversion}, así que aquí va lo que leeríamos a continuación.",
            "Esperamos que {conversion} ya te esté sirviendo.",
        ),
        "webinar": (
            "Gracias por apuntarte a {conversion}.",
            "Nos alegra que te hayas apuntado a {conversion}.",
        ),
        "newsletter": ("Gracias por suscribirte a nuestro boletín.", "Nos alegra tenerte entre nuestros lectores."),
        "trial": ("Gracias por empezar una prueba con nosotros.", "Te damos la bienvenida a tu periodo de prueba."),
        "enrolled": (
            "Te has inscrito en {conversion} y esperamos que lo disfrutes.",
            "Nos alegra tenerte en {conversion}.",
        ),
        "completed": ("Enhorabuena por terminar {conversion}.", "Has terminado {conversion}: enhorabuena."),
        "other": ("Gracias por ponerte en contacto con nosotros.", "Nos alegra saber de ti."),
    },
    thanks_untitled={
        "guide": ("Gracias por descargar nuestra guía.", "Gracias por pedirnos la guía."),
        "webinar": ("Gracias por apuntarte al seminario web.", "Nos alegra que te hayas apuntado al seminario web."),
        "newsletter": ("Gracias por suscribirte a nuestro boletín.", "Nos alegra tenerte entre nuestros lectores."),
        "trial": ("Gracias por empezar una prueba con nosotros.", "Te damos la bienvenida a tu periodo de prueba."),
        "enrolled": ("Gracias por inscribirte con nosotros.", "Nos alegra que aprendas con nosotros."),
        "completed": ("Enhorabuena por terminar tu curso.", "Has terminado tu curso: enhorabuena."),
        "other": ("Gracias por ponerte en contacto con nosotros.", "Nos alegra saber de ti."),
    },
    job=(
        "Quizá lo que tienes por delante sea esto: {job}",
        "Si tuviéramos que resumir el siguiente paso en una frase, sería esta: {job}",
        "Detrás suele haber una tarea como esta: {job}",
    ),
    topic=(
        "Si ahora trabajas temas de {topic}, unas pocas costumbres sencillas ayudan mucho.",
        "Avanzar en {topic} rara vez exige un gran proyecto: suele bastar con hacer bien unas pocas cosas pequeñas.",
        "Cuando te toca ocuparte de {topic}, se agradece tener algo que puedas probar el mismo día.",
    ),
    lesson=(
        "Las notas que siguen valen por sí solas, hagas o no un curso.",
        "Aquí tienes algo que puedes usar enseguida, sin necesitar nada más.",
        "Quédate con lo que te sirva de estas notas y deja el resto.",
    ),
    source=(
        "Estas notas salen de {title}, un curso sobre {topic}.",
        "Si te apetece ir más lejos, forman parte de {title}, nuestro curso sobre {topic}.",
        "Todo esto se trabaja con calma en {title}, un curso sobre {topic}.",
    ),
    introduction=(
        "El curso que te proponemos es {title}.",
        "Si te apetece ir más lejos, échale un vistazo a {title}.",
    ),
    fit={
        "guide": (
            "Una guía te da el esquema, y un curso te deja espacio para probarlo con un caso tuyo.",
            "Leer es un buen comienzo, y este es el lugar para llevarlo a la práctica.",
        ),
        "webinar": (
            "Un seminario abre el tema, y un curso te deja tiempo para trabajarlo.",
            "Combina bien con el seminario: primero la conversación y luego la práctica.",
        ),
        "newsletter": (
            "Un tema cada vez es un buen ritmo, y este es un buen punto de partida.",
            "Empezaríamos por un solo tema, y este es el que hemos elegido para ti.",
        ),
        "trial": (
            "Con un curso basta para saber si esta forma de aprender encaja contigo y con tu equipo.",
            "Una prueba se aprovecha más con algo concreto que aprender, y puede ser esto.",
        ),
        "enrolled": (
            "Va bien con lo que estás aprendiendo ahora.",
            "Puedes seguirlo a la par del curso que acabas de empezar.",
        ),
        "completed": (
            "Con un curso ya terminado, este es el que haríamos a continuación.",
            "Es un buen paso mientras la costumbre de aprender sigue fresca.",
        ),
        "other": (
            "Lo hemos elegido porque es práctico y parte del trabajo de verdad.",
            "Es un buen sitio para llevar una idea a la práctica.",
        ),
    },
    fit_company=(
        "Será fácil probarlo con algo real de {company}.",
        "Trae un caso de {company} y ya tendrás con qué practicar.",
    ),
    call_to_action=("Mira qué incluye el curso", "Echa un vistazo al curso", "Lee el programa del curso"),
    greeting=("Hola:", "Hola, ¿qué tal?"),
    greeting_named=("Hola, {name}:", "Hola {name}:"),
    lesson_title={
        1: ("Merece la pena probarlo", "Para probar en tu trabajo"),
        2: ("Dos cosas que merece la pena probar", "Para probar en tu trabajo"),
        3: ("Tres cosas que merece la pena probar", "Para probar en tu trabajo"),
    },
    card_label="El curso",
    skills_label="Practicarás",
    further_title="También merece la pena",
    closing=("Un saludo cordial,", "Un saludo,", "Que vaya muy bien,"),
    because={
        "guide": "descargaste {conversion}",
        "webinar": "te apuntaste a {conversion}",
        "newsletter": "te suscribiste a nuestro boletín",
        "trial": "empezaste una prueba",
        "enrolled": "te inscribiste en {conversion}",
        "completed": "terminaste {conversion}",
        "other": "te pusiste en contacto con nosotros",
    },
    because_untitled={
        "guide": "descargaste una guía",
        "webinar": "te apuntaste a un seminario",
        "newsletter": "te suscribiste a nuestro boletín",
        "trial": "empezaste una prueba",
        "enrolled": "te inscribiste en un curso",
        "completed": "terminaste un curso",
        "other": "te pusiste en contacto con nosotros",
    },
    explanation="Recibes este correo porque {because} y el {date} aceptaste recibir correos de {brand}.",
    unsubscribe="Darme de baja con un clic",
    levels={"beginner": "inicial", "intermediate": "intermedio", "advanced": "avanzado"},
    level_line="Nivel {level}",
    hours=("{n} hora", "{n} horas"),
    minutes=("{n} minuto", "{n} minutos"),
    lessons=("{n} lección", "{n} lecciones"),
    and_="y",
    and_before={"i": "e", "hi": "e"},
    months=(
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
        "diciembre",
    ),
    date="{day} de {month} de {year}",
    quotes=("«", "»"),
    taught_in="en {language}",
    language_names={"en": "inglés", "es": "español"},
    generic_topic="tu trabajo",
)  # fmt: skip
