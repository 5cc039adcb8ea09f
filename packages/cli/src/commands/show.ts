// `fireside show MODEL`: what a model is, what it can do, how it is set.
import type { ModelDetails } from "@fireside/app"
import type { CommandModule } from "../command-module.ts"
import { formatSize } from "../terminal/format.ts"
import type { Colours } from "../terminal/io.ts"
import { stripEscapes, toJsonLine } from "../terminal/strip-escapes.ts"

interface ShowFlags {
  readonly template?: boolean
  readonly system?: boolean
  readonly parameters?: boolean
  readonly licence?: boolean
  readonly metadata?: boolean
  readonly modelfile?: boolean
}

export const show: CommandModule = {
  define(command, context) {
    command
      .argument("<model>", "a model in your library")
      .option("--template", "only its chat template")
      .option("--system", "only its system text")
      .option("--parameters", "only its parameters")
      .option("--licence", "only the text of its licence")
      .option("--metadata", "only the header of its file")
      .option("--modelfile", "only the Modelfile that makes the same model again")
      .action(async (reference: string, only: ShowFlags) => {
        const { io, flags } = context
        const { models } = await context.app()
        if (only.modelfile) {
          const modelfile = await models.modelfile(reference)
          // As it is where a file or a program reads it: what is stripped would make another model.
          const text = io.stdoutIsTerminal ? stripEscapes(modelfile) : modelfile
          return io.out(flags.json ? toJsonLine({ modelfile }) : text)
        }
        const model = await models.show(reference)
        if (flags.json) {
          // `parameters` of `list` counts the weights; here, as promised, it holds the settings.
          const { sampling, stop, parameters: parameterCount, ...rest } = model
          return io.out(toJsonLine({ ...rest, parameterCount, parameters: { ...sampling, stop } }))
        }
        await io.out(formatPart(model, only) ?? formatDetails(model, io.outColours))
      })
  },
}

function formatPart(model: ModelDetails, only: ShowFlags): string | undefined {
  const lines = (text: string): string => (text === "" || text.endsWith("\n") ? text : `${text}\n`)
  if (only.template) return lines(stripEscapes(model.template))
  if (only.system) return lines(stripEscapes(model.system))
  if (only.licence) return lines(stripEscapes(model.licenceText || model.licence))
  if (only.parameters) return lines(formatParameters(model).join("\n"))
  if (only.metadata) {
    const entries = Object.entries(model.metadata).filter(([key]) => key !== "tokenizer.chat_template")
    return lines(entries.map(([key, value]) => stripEscapes(`${key} = ${JSON.stringify(value)}`)).join("\n"))
  }
  return undefined
}

const snake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** Lines `key value`, as a Modelfile has them. */
export function formatParameters({
  sampling: own,
  stop,
  defaults: { contextLength, maxTokens },
}: Pick<ModelDetails, "sampling" | "stop" | "defaults">): readonly string[] {
  const sampling = Object.entries(own).map(([key, value]) => `${snake(key)} ${JSON.stringify(value)}`)
  return [
    ...sampling,
    ...(contextLength === undefined ? [] : [`num_ctx ${contextLength}`]),
    ...(maxTokens === undefined ? [] : [`num_predict ${maxTokens}`]),
    ...stop.map((text) => `stop ${JSON.stringify(text)}`),
  ]
}

/** The long form, for people. */
export function formatDetails(model: ModelDetails, colours: Colours): string {
  const { bold, dim } = colours
  const rows: [string, string][] = [
    ["architecture", model.architecture],
    ["parameters", model.parameters],
    ["quantization", model.quantization],
    ["context", `${model.contextLength} tokens`],
    ["size", formatSize(model.sizeBytes)],
    ["licence", model.licence || "not said"],
    ["can", model.capabilities.join(", ")],
    ["digest", model.digest || "not computed"],
    ["deterministic", model.deterministic.possible ? "can be" : `cannot be. ${model.deterministic.why}`],
    ["file", model.inPlace ? `${model.path} (read in place)` : model.path],
  ]
  const facts = rows.map(([name, value]) => `  ${dim(name.padEnd(13))} ${stripEscapes(value)}`)
  const block = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ["", bold(title), ...lines.map((line) => `  ${line}`)]
  const system = model.system === "" ? [] : stripEscapes(model.system).split("\n")
  const problem =
    model.problem === undefined ? [] : ["", colours.red(`broken: ${stripEscapes(model.problem)}`)]
  return `${[
    bold(stripEscapes(model.name)),
    ...facts,
    ...block("Parameters", formatParameters(model)),
    ...block("System", system),
    ...(model.advice === undefined ? [] : ["", stripEscapes(model.advice)]),
    ...problem,
  ].join("\n")}\n`
}
