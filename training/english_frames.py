"""Question frames in English, by the kind of answer asked for."""

# Each frame names the slots it needs; a frame fits when none of them is empty ({tail} may be).
FRAMES: dict[str, tuple[str, ...]] = {
    "number": (
        "How many {unit} of {topic} were {verb} {tail}?",
        "How many {things} were {verb} {tail}?",
        "How many {things} were {verb} {tail}?",
        "What was the number of {topic} {verb} {tail}?",
        "What {be} the {topic} {tail}?",
        "How much did the {topic} {change} {tail}?",
        "How many {unit} were {verb} {tail}?",
    ),
    "double": (
        "How many {topic} were {verb} {tail}, in households and people?",
        "How many households and how many people were {verb} {tail}?",
        "What were the numbers of {topic} {verb} {tail}?",
        "What were the numbers of {topic} {tail}?",
    ),
    "percent": (
        "What percentage of {topic} was {verb} {tail}?",
        "By what percentage did the {topic} {change} {tail}?",
        "By how many percent did the {topic} {change} {tail}?",
        "What was the percentage of {topic} {tail}?",
        "What {be} the {topic} {tail}, in percent?",
    ),
    "money": (
        "How much money was {verb} for {topic} {tail}?",
        "How many yuan were {verb} for {topic} {tail}?",
        "What amount was {verb} for {topic} {tail}?",
        "By how much did the {topic} {change} {tail}?",
        "How much {be} the {topic} {tail}?",
        "What was the amount of {topic} {tail}?",
    ),
    "date": (
        "When {be} the {topic} {verb} {tail}?",
        "In which year {be} the {topic} {verb} {tail}?",
        "What was the date of the {topic} {tail}?",
    ),
    "place": (
        "Where {be} the {topic} {verb} {tail}?",
        "In which place {be} the {topic} {verb} {tail}?",
        "Which place is mentioned for {topic} {tail}?",
        "Where {be} the {topic} {tail}?",
    ),
    "person": (
        "Who {past} the {topic} {tail}?",
        "Which person is named for the {topic} {tail}?",
        "Who is the {topic} {tail}?",
    ),
    "org": (
        "Which organisation {past} the {topic} {tail}?",
        "By which organisation {be} the {topic} {verb} {tail}?",
        "Which company or department {past} the {topic} {tail}?",
        "Which organisation is named for {topic} {tail}?",
    ),
    "title": (
        "What is the name of the {topic} {verb} {tail}?",
        "What is the title of the {topic} {tail}?",
        "What is the {topic} {tail} called?",
        "Which {thing} was {verb} {tail}?",
    ),
    "slogan": (
        "What slogan was {verb} for {topic} {tail}?",
        "What is the slogan of {topic} {tail}?",
        "Under which motto {be} the {topic} {verb} {tail}?",
        "What is the {topic} {tail} called?",
    ),
    "list": (
        "Which {things} were {verb} {tail}?",
        "What {topic} {be} {verb} {tail}?",
        "What {be} the {topic} {tail}?",
        "What is included in the {topic} {tail}?",
    ),
    "how": (
        "How {be} the {topic} {verb} {tail}?",
        "By what means {be} the {topic} {verb} {tail}?",
        "How did the {topic} {change} {tail}?",
        "What was done for {topic} {tail}?",
    ),
    "why": (
        "Why {be} the {topic} {verb} {tail}?",
        "Why did the {topic} {change} {tail}?",
        "What was the reason for the {topic} {tail}?",
        "For what reason {be} the {topic} {verb} {tail}?",
    ),
}
