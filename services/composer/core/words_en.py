"""English, as the brand speaks it: plain, warm, no urgency."""

from services.composer.core.words import Words

ENGLISH = Words(
    subjects=(
        "{Count} notes on {topic} to use this week",
        "A next step: {title}",
        "After {conversion}: what comes next",
        "Next on your list: {title}",
        "{Topic}: start with {skill}",
        "For your work on {topic}: {count} notes",
    ),
    preheaders=(
        "With a course on {two_skills}",
        "Short notes first, then the course: {title}",
        "The first note: {note}",
        "From our course on {two_skills}",
        "Notes from {title}",
    ),
    thanks={
        "guide": (
            "Thank you for downloading {conversion}.",
            "You asked for {conversion}, so here is what we would read next.",
            "We hope {conversion} is already proving useful.",
        ),
        "webinar": (
            "Thank you for signing up for {conversion}.",
            "Good to have you with us for {conversion}.",
        ),
        "newsletter": ("Thank you for subscribing to our letters.", "Good to have you among our readers."),
        "trial": ("Thank you for starting a trial with us.", "Welcome, and thank you for starting a trial."),
        "enrolled": (
            "You have enrolled in {conversion}, and we wish you good work with it.",
            "It is good to have you in {conversion}.",
        ),
        "completed": ("Well done on finishing {conversion}.", "You have finished {conversion}: well done."),
        "other": ("Thank you for getting in touch with us.", "It is good to hear from you."),
    },
    thanks_untitled={
        "guide": ("Thank you for downloading our guide.", "Thank you for asking for our guide."),
        "webinar": ("Thank you for signing up for the webinar.", "Good to have you with us for the webinar."),
        "newsletter": ("Thank you for subscribing to our letters.", "Good to have you among our readers."),
        "trial": ("Thank you for starting a trial with us.", "Welcome, and thank you for starting a trial."),
        "enrolled": ("Thank you for enrolling with us.", "It is good to have you learning with us."),
        "completed": ("Well done on finishing your course.", "You have finished your course: well done."),
        "other": ("Thank you for getting in touch with us.", "It is good to hear from you."),
    },
    job=(
        "Perhaps the job in front of you is this one: {job}",
        "If we had to put the next step into a sentence, it would be this: {job}",
        "Behind it there is often a job like this one: {job}",
    ),
    topic=(
        "If {topic} is part of your work at the moment, a few plain habits go a long way.",
        "Progress in {topic} seldom takes a big project; it mostly comes from doing a few small things with care.",
        "When {topic} lands on your desk, it helps to have something you can try the same day.",
    ),
    lesson=(
        "The notes below stand on their own, whether or not you ever take a course.",
        "Here is something to use straight away; nothing else is needed for it.",
        "Take what is useful from the notes below and leave the rest.",
    ),
    source=(
        "These notes come from {title}, a course on {topic}.",
        "If you would like to go further, they are part of {title}, our course on {topic}.",
        "All of this is worked through in {title}, a course on {topic}.",
    ),
    introduction=(
        "The course we would suggest is {title}.",
        "If you would like to go further, have a look at {title}.",
    ),
    fit={
        "guide": (
            "A guide gives you the outline, and a course gives you room to try it on a case of your own.",
            "Reading is a good start, and this is the place to put it into practice.",
        ),
        "webinar": (
            "A webinar opens the subject, and a course leaves you time to work through it.",
            "It pairs well with the webinar: first the conversation, then the practice.",
        ),
        "newsletter": (
            "One subject at a time is a good pace, and this one is a sound place to begin.",
            "We would begin with one subject, and this is the one we picked for you.",
        ),
        "trial": (
            "One course is enough to tell whether this way of learning suits you and your team.",
            "A trial is worth most with one clear thing to learn, and this could be yours.",
        ),
        "enrolled": (
            "It goes well with what you are learning now.",
            "It can run alongside the course you have just begun.",
        ),
        "completed": (
            "With one course behind you, this is what we would take up next.",
            "It is a good next step while the habit of learning is still fresh.",
        ),
        "other": (
            "We picked it because it is practical and starts from real work.",
            "It is a sound place to put an idea into practice.",
        ),
    },
    fit_company=(
        "It should be easy to try on something real at {company}.",
        "Bring a case from {company}, and you have something to practise on.",
    ),
    call_to_action=("See what the course covers", "Look inside the course", "Read the course outline"),
    greeting=("Hello,", "Hello there,"),
    greeting_named=("Hello {name},", "Hi {name},"),
    lesson_title={
        1: ("Something worth trying", "To try in your own work"),
        2: ("Two things worth trying", "To try in your own work"),
        3: ("Three things worth trying", "To try in your own work"),
    },
    card_label="The course",
    skills_label="You will practise",
    further_title="Also worth a look",
    closing=("All good wishes,", "With kind regards,", "Good luck with it,"),
    because={
        "guide": "downloaded {conversion}",
        "webinar": "signed up for {conversion}",
        "newsletter": "subscribed to our letters",
        "trial": "started a trial",
        "enrolled": "enrolled in {conversion}",
        "completed": "finished {conversion}",
        "other": "were in touch with us",
    },
    because_untitled={
        "guide": "downloaded a guide",
        "webinar": "signed up for a webinar",
        "newsletter": "subscribed to our letters",
        "trial": "started a trial",
        "enrolled": "enrolled in a course",
        "completed": "finished a course",
        "other": "were in touch with us",
    },
    explanation=(
        "You are receiving this email because you {because} and, on {date}, agreed to hear from {brand} by email."
    ),
    unsubscribe="Unsubscribe with one click",
    levels={"beginner": "beginner", "intermediate": "intermediate", "advanced": "advanced"},
    level_line="{Level} level",
    hours=("{n} hour", "{n} hours"),
    minutes=("{n} minute", "{n} minutes"),
    lessons=("{n} lesson", "{n} lessons"),
    and_="and",
    and_before={},
    months=(
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ),
    date="{day} {month} {year}",
    quotes=("“", "”"),
    taught_in="taught in {language}",
    language_names={"en": "English", "es": "Spanish"},
    generic_topic="your work",
)  # fmt: skip
