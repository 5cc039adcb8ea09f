// The API's description, OpenAPI 3.1, out of the same table and schemas that serve it.
import { z } from "@fireside/protocol"
import type { Route } from "../route.ts"

type Json = Readonly<Record<string, unknown>>

const TAGS: Readonly<Record<Route["dialect"], string>> = {
  openai: "OpenAI",
  ollama: "Ollama",
  anthropic: "Anthropic",
  native: "Fireside",
}

/** Plain JSON. Costs some tens of milliseconds, so it is made when it is asked for. */
export function describeApi(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const route of routes) {
    const path = openApiPath(route.path)
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) }
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Fireside",
      version,
      description:
        "Open models on your own computer, in the dialects that other programs speak. From this computer no key is needed unless its owner demands one.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    tags: Object.values(TAGS).map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer" },
        apiKey: { type: "apiKey", in: "header", name: "x-api-key" },
      },
    },
  }
}

function operationOf(route: Route): Json {
  const parameters = [...pathParameters(route.path), ...queryParameters(route.query)]
  return {
    tags: [TAGS[route.dialect]],
    summary: route.summary,
    operationId: operationId(route),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined ? {} : { requestBody: bodyOf(route.body) }),
    responses: {
      "200": {
        description: "Done.",
        ...(route.response === undefined
          ? {}
          : { content: { "application/json": { schema: schemaOf(route.response, "output") } } }),
      },
      default: { description: "An error in the dialect's own form." },
    },
    security: route.access === "public" ? [] : [{ bearer: [] }, { apiKey: [] }, {}],
    ...(route.access === "public" || route.access === "any" ? {} : { "x-fireside-scope": route.access }),
  }
}

/** `getV1ModelsRest`: one for each operation, and a name in the languages that clients are generated in. */
function operationId({ method, path }: Route): string {
  const words = openApiPath(path).split(/[^A-Za-z0-9]+/)
  return [method.toLowerCase(), ...words.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join("")
}

function bodyOf(body: NonNullable<Route["body"]>): Json {
  if (body.type === "bytes")
    return {
      required: true,
      content: {
        [body.mediaType ?? "application/octet-stream"]: { schema: { type: "string", format: "binary" } },
      },
    }
  return {
    required: body.optional !== true,
    content: { "application/json": { schema: schemaOf(body.schema, "input") } },
  }
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    target: "draft-2020-12",
  })
  return rest
}

function pathParameters(path: string): readonly Json[] {
  return parts(path)
    .filter((part) => part.startsWith(":") || part === "*")
    .map((part) => ({
      name: part === "*" ? "rest" : part.slice(1),
      in: "path",
      required: true,
      schema: { type: "string" },
    }))
}

function queryParameters(query: z.ZodObject | undefined): readonly Json[] {
  return Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: "query",
    // Every query field of ours may be left out.
    required: false,
    // The shape of an object schema holds schemas.
    schema: schemaOf(schema as z.ZodType, "input"),
  }))
}

const openApiPath = (path: string): string =>
  parts(path)
    .map((part) => (part === "*" ? "{rest}" : part.startsWith(":") ? `{${part.slice(1)}}` : part))
    .join("/")

const parts = (path: string): readonly string[] => path.split("/")
