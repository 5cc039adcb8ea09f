// Two projects: `unit` is quick and runs in parallel; `e2e` loads real models, builds and packs, so one file at a time.
import { tmpdir } from "node:os"
import { join } from "node:path"
import { defineConfig } from "vitest/config"

const SLOW = [
  "test/e2e/**/*.test.ts",
  "test/faults/**/*.test.ts",
  "test/compat/**/*.test.ts",
  "test/house/pack.test.ts",
]

/** A test that forgets to make a data folder of its own must not find the user's. */
const env = { FIRESIDE_HOME: join(tmpdir(), "fireside-tests-use-their-own-home") }

const globalSetup = "test/temporary-folder.ts"

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          globalSetup,
          include: ["packages/*/src/**/*.test.ts", "scripts/**/*.test.ts", "test/**/*.test.ts"],
          exclude: SLOW,
          pool: "forks",
          testTimeout: 30_000,
          env,
        },
      },
      {
        test: {
          name: "e2e",
          globalSetup,
          include: SLOW,
          pool: "forks",
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          env,
        },
      },
    ],
  },
})
