// Runs before the page's modules: schemas try to compile themselves to functions where they are made, which the page's policy refuses.
// Told beforehand they do not try. Zod reads its configuration from here (`globalConfig` of zod/v4/core).
globalThis.__zod_globalConfig = { jitless: true }
