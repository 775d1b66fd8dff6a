"""What the composer's tests say of acts and courses: two full courses, two lists of further ones."""

from typing import Any

ACTS = {
    "Guide Downloaded": {
        "en": {
            "thanks": [
                "Thank you for downloading {conversion}.", "We hope {conversion} is already proving useful.",
            ],
            "thanks_untitled": ["Thank you for downloading our guide."],
            "because": "downloaded {conversion}",
            "because_untitled": "downloaded a guide",
            "fit": ["Reading is a good start, and this is the place to put it into practice."],
        },
        "es": {
            "thanks": ["Gracias por descargar {conversion}.", "Esperamos que {conversion} ya te esté sirviendo."],
            "thanks_untitled": ["Gracias por descargar nuestra guía."],
            "because": "descargaste {conversion}",
            "because_untitled": "descargaste una guía",
            "fit": ["Leer es un buen comienzo, y este es el lugar para llevarlo a la práctica."],
        },
    },
}  # fmt: skip
COURSE = {
    "title": "Email automation foundations",
    "description": (
        "The days after a sign-up decide whether a new subscriber opens the next mail. "
        "This course takes one real list and builds three automated sequences for it, from welcome to win-back. "
        "Each lesson ends with a finished mail."
    ),
    "skills": ["sequence planning", "welcome mails", "exit rules"],
    "takeaways": [
        "Write the goal of a sequence as one sentence before its first mail and cut each mail that does not serve it.",
        "Ask one short question in the second mail and answer every reply by hand.",
        "Let a person leave a sequence as soon as they have done what it was meant to lead to.",
    ],
}
SPANISH_COURSE = {
    "id": "video-corto-con-movil",
    "title": "Vídeo corto con el móvil",
    "url": "https://academy.example.com/es/cursos/video-corto-con-movil",
    "description": (
        "Para grabar un vídeo útil bastan un móvil, una ventana y algo que enseñar. "
        "En este curso preparas una serie de vídeos cortos para tu negocio, desde la idea hasta la publicación."
    ),
    "topics": ["social-media"],
    "skills": ["grabar con luz natural", "guiones breves", "subtítulos"],
    "takeaways": [
        "Graba junto a una ventana y con el móvil quieto: la luz y el pulso cuentan más que la cámara.",
        "Decide antes de grabar qué debe saber hacer quien vea el vídeo, y quita todo lo demás.",
        "Pon subtítulos siempre, porque mucha gente mira sin sonido.",
    ],
    "language": "es",
    "level": "beginner",
    "duration_minutes": 90,
    "lessons": 8,
}
FURTHER: tuple[dict[str, Any], ...] = (
    {"id": "newsletter-rhythm", "title": "A newsletter with a rhythm", "level": "beginner", "duration_minutes": 150,
     "lessons": 9, "skills": ["editorial rhythm", "openings", "plain templates", "reply handling"]},
    {"id": "sender-reputation", "title": "Sender reputation", "level": "advanced", "duration_minutes": 75,
     "lessons": None, "skills": []},
)  # fmt: skip
SPANISH_FURTHER: tuple[dict[str, Any], ...] = (
    {"id": "fotos-de-producto", "title": "Fotos de producto con luz de ventana", "level": "beginner", "language": "es",
     "skills": ["luz", "encuadre", "edición"]},
    {"id": "calendar-habits", "title": "Content calendars that last", "level": "intermediate", "language": "en"},
)  # fmt: skip
