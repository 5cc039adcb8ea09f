// A chat with everything that an answer can hold, for pictures of it.
import type { Said } from "./stored-chat.ts"

const FENCE = "```"

const WALK = `A **lighthouse** needs three things: a lamp, a lens and somebody who looks after them. See [how a lens bends light](https://example.org/lenses).

1. Choose the height first
2. Then the lamp; \`range\` says how far it is seen

> The light is seen from afar because the earth is round, not in spite of it.

The distance to the horizon is $d \\approx 3.57\\sqrt{h}$, and for two heights

$$d = 3.57\\left(\\sqrt{h_1} + \\sqrt{h_2}\\right) = \\int_0^{h} \\frac{1.785}{\\sqrt{t}}\\,dt$$

| Height | Horizon | Seen from a bridge of 9 m |
|-------:|--------:|--------------------------:|
| 10 m | 11.3 km | 22.0 km |
| 40 m | 22.6 km | 33.3 km |

${FENCE}python
from math import sqrt

def horizon_km(height_m: float) -> float:
    """How far one sees from a height, in km."""
    return 3.57 * sqrt(height_m)  # the usual bending of light left out

print(f"{horizon_km(40):.1f} km")
${FENCE}

${FENCE}mermaid
flowchart LR
  lamp[Lamp] --> lens[Lens]
  lens --> sea{Is it dark?}
  sea -- yes --> ship[Ship]
  sea -- no --> wait[Wait]
${FENCE}
`

export const RICH_CHAT: readonly Said[] = [
  { role: "user", content: "How does a lighthouse work, and how far is it seen?" },
  {
    role: "assistant",
    content: WALK,
    reasoning:
      "They ask about two things. First the parts of a lighthouse, then the geometry: the horizon from a height, with the usual formula.",
  },
]
