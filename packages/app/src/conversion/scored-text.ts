// The text over which two files of one model are compared: a little of everything that models are asked for. A data table.
export const SCORED_TEXT = `The capital of France is Paris, and the capital of Italy is Rome. Water boils at one hundred degrees Celsius at sea level and freezes at zero. The Earth turns around the Sun once a year, and the Moon around the Earth once a month.

Question: What should I do when a pan of oil catches fire?
Answer: Turn off the heat, put a lid on the pan, and leave it there until it is cold. Never pour water on burning oil: the water sinks, boils at once, and throws the burning oil into the room.

def mean(values):
    """Return the arithmetic mean of a list of numbers."""
    if not values:
        raise ValueError("the list is empty")
    total = 0
    for value in values:
        total += value
    return total / len(values)

Once upon a time there was a miller who had three sons. When he died, the eldest got the mill, the second the donkey, and the youngest nothing but the cat. "What shall I do with a cat?" said the youngest. "If I make a pair of gloves out of its fur, there is nothing left." But the cat had understood every word. "You need not kill me," it said. "Have a pair of boots made for me, so that I can go out and be seen among people, and you will soon be helped."

To make bread, mix five hundred grams of flour with three hundred grams of water, ten grams of salt and a little yeast. Knead the dough for ten minutes, let it rise for two hours, shape it, and bake it for forty minutes in a hot oven.

{"name": "Ada Lovelace", "born": 1815, "fields": ["mathematics", "computing"], "alive": false}

If a train travels at eighty kilometres an hour for two and a half hours, it covers two hundred kilometres, because eighty times two and a half is two hundred. Der Zug kommt um acht Uhr an. Le train arrive à huit heures. El tren llega a las ocho.
`
