// The one place that knows which source serves which kind of reference.
import { AppError } from "@fireside/protocol"
import type { LibraryWorld } from "./library-world.ts"
import { formatReference, type PlainReference } from "./reference.ts"
import type { OfferRequest, SourceOffer } from "./source.ts"
import { createFileSource } from "./sources/file.ts"
import { createUrlSource } from "./sources/https.ts"
import { createHubSource } from "./sources/hub.ts"
import { createOllamaSource } from "./sources/ollama-registry.ts"
import { createPackageSource } from "./sources/package-source.ts"

export function offerFrom(
  reference: PlainReference,
  request: OfferRequest,
  { sources, config }: LibraryWorld,
  signal: AbortSignal,
): Promise<SourceOffer> {
  switch (reference.type) {
    case "hub":
      return createHubSource(config.hub, sources).offer(reference, request, signal)
    case "ollama":
      return createOllamaSource(config.ollama, sources).offer(reference, request, signal)
    case "url":
      return createUrlSource({ trustedOrigins: config.trustedOrigins }, sources).offer(
        reference,
        request,
        signal,
      )
    case "package":
      return createPackageSource(config.packages, sources).offer(reference, request, signal)
    case "path":
      return createFileSource(sources).offer(reference, request, signal)
    case "name":
      throw new AppError("model-not-found", {
        message: `${formatReference(reference)} says nothing of where it comes from.`,
      })
    default:
      return reference satisfies never
  }
}
