// Which licence of which model the user accepted, and when.
import type { Migration } from "../migration.ts"

export const acceptedLicence: Migration = {
  name: "0002-accepted-licence",
  statements: [
    `CREATE TABLE accepted_licence (
      model TEXT NOT NULL,
      licence TEXT NOT NULL,
      url TEXT NOT NULL,
      accepted_at TEXT NOT NULL,
      PRIMARY KEY (model, licence)
    ) STRICT`,
  ],
}
