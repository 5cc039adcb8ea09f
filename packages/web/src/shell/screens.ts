/** Screens beside the chat, in the order of the menu. */
export const SCREENS = [
  { name: "models", path: "/models" },
  { name: "compare", path: "/compare" },
  { name: "jobs", path: "/jobs" },
  { name: "privacy", path: "/privacy" },
  { name: "system", path: "/system" },
  { name: "settings", path: "/settings" },
  { name: "help", path: "/help" },
] as const
