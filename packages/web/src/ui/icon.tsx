// Small drawings beside words; a button that has nothing else is named by its aria-label.
import classes from "./icon.module.css"

const PATHS = {
  ember:
    "M12 2c.8 3.8 5.2 6 5.2 11.2a5.2 5.2 0 0 1-10.4 0c0-2.2.8-3.7 2.2-5.2 0 2.2.8 3 1.5 3.7C12 9.5 12.8 6.5 12 2Z",
  menu: "M4 6h16M4 12h16M4 18h16",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14ZM20 20l-4-4",
  send: "M5 12h13M12 5l7 7-7 7",
  stop: "M7 7h10v10H7z",
  copy: "M9 9h10v10H9zM5 15V5h10",
  edit: "M4 20h4L19 9l-4-4L4 16v4",
  again: "M20 11a8 8 0 1 0-2.3 6.3M20 5v6h-6",
  left: "M15 5l-7 7 7 7",
  right: "M9 5l7 7-7 7",
  pin: "M9 4h6l-1 6 3 3H7l3-3-1-6ZM12 13v7",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  lock: "M7 11V8a5 5 0 0 1 10 0v3M5 11h14v9H5z",
  unlock: "M7 11V8a5 5 0 0 1 9.6-2M5 11h14v9H5z",
  panel: "M4 5h16v14H4zM15 5v14",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  down: "M12 5v14M6 13l6 6 6-6",
  bookmark: "M7 4h10v16l-5-4-5 4Z",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
} as const

/** What points along the line of reading points the other way where people read from right to left. */
const POINTS_ALONG: ReadonlySet<IconName> = new Set(["send", "left", "right", "panel"])

export type IconName = keyof typeof PATHS

export function Icon({ name, size = 18 }: { readonly name: IconName; readonly size?: number }) {
  const isFilled = name === "ember"
  return (
    <svg
      className={classes.icon}
      data-along={POINTS_ALONG.has(name)}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      aria-hidden="true"
      fill={isFilled ? "currentColor" : "none"}
      stroke={isFilled ? "none" : "currentColor"}
      strokeWidth={name === "more" ? 3 : 1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  )
}
