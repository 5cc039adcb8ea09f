import { testGoldens } from "../golden.fixture.ts"
import { encodeError } from "./errors.ts"
import { ollamaRoutes } from "./routes.ts"

testGoldens({ folder: new URL("./golden/", import.meta.url), routes: ollamaRoutes, encodeError })
