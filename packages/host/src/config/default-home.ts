// The data folder when nobody names one. By hand, because the well-known package for it reads the environment when it is imported and
// throws there for users without a home.
import { userInfo } from "node:os"
import { isAbsolute, join } from "node:path"
import { AppError } from "@fireside/protocol"
import type { Environment } from "./environment.ts"

const NAME = "fireside"

export interface HomeWorld {
  readonly environment: Environment
  readonly platform: NodeJS.Platform
  /** What the system's user table says; throws for users that are not in it. */
  readonly userHome: () => string
}

/** The user's home folder, or undefined when neither the environment nor the user table tells an absolute one. */
export function userHome(world: HomeWorld): string | undefined {
  const { environment, platform } = world
  const named = platform === "win32" ? environment.USERPROFILE : environment.HOME
  if (named !== undefined && isAbsolute(named)) return named
  try {
    const listed = world.userHome()
    return isAbsolute(listed) && listed !== "/" && listed !== "/nonexistent" ? listed : undefined
  } catch {
    return undefined
  }
}

/**
 * The platform's data folder for Fireside: `$XDG_DATA_HOME` or `~/.local/share`, `~/Library/Application Support`, `%LOCALAPPDATA%`.
 * Throws `cannot-write` when this user has no home.
 */
export function defaultHome(world: HomeWorld): string {
  const { environment, platform } = world
  if (platform !== "win32" && platform !== "darwin") {
    const data = environment.XDG_DATA_HOME
    // The specification says that a relative path is to be ignored.
    if (data !== undefined && isAbsolute(data)) return join(data, NAME)
  }
  if (platform === "win32" && environment.LOCALAPPDATA) return join(environment.LOCALAPPDATA, NAME)
  const home = userHome(world)
  if (home === undefined)
    throw new AppError("cannot-write", {
      message: "There is no place for the data folder: this user has no home.",
      hint: "Set FIRESIDE_HOME to a folder that you may write.",
    })
  if (platform === "win32") return join(home, "AppData", "Local", NAME)
  if (platform === "darwin") return join(home, "Library", "Application Support", NAME)
  return join(home, ".local", "share", NAME)
}

export function thisUser(environment: Environment): HomeWorld {
  return { environment, platform: process.platform, userHome: () => userInfo().homedir }
}
