// Words of the catalogue that many of its entries share: licences, recommended sampling, languages. Data and nothing else.

export const APACHE = {
  name: "Apache-2.0",
  url: "https://www.apache.org/licenses/LICENSE-2.0",
  permissive: true,
} as const
export const MIT = { name: "MIT", url: "https://opensource.org/license/mit", permissive: true } as const
export const GEMMA = {
  name: "Gemma Terms of Use",
  url: "https://ai.google.dev/gemma/terms",
  permissive: false,
} as const
export const LLAMA_3_1 = {
  name: "Llama 3.1 Community Licence",
  url: "https://www.llama.com/llama3_1/license/",
  permissive: false,
} as const
export const LLAMA_3_2 = {
  name: "Llama 3.2 Community Licence",
  url: "https://www.llama.com/llama3_2/license/",
  permissive: false,
} as const

// Sampling from the model cards (or their generation_config.json).
export const SMOLLM2_SAMPLING = { temperature: 0.2, topP: 0.9 } as const
export const QWEN2_5_SAMPLING = { temperature: 0.7, topP: 0.8, topK: 20, repeatPenalty: 1.05 } as const
export const QWEN3_SAMPLING = { temperature: 0.6, topP: 0.95, topK: 20, minP: 0 } as const
export const GEMMA3_SAMPLING = { temperature: 1, topP: 0.95, topK: 64, minP: 0 } as const
export const LLAMA3_SAMPLING = { temperature: 0.6, topP: 0.9 } as const
export const R1_SAMPLING = { temperature: 0.6, topP: 0.95 } as const

export const ENGLISH = ["en"]
export const QWEN_LANGUAGES = ["en", "zh", "fr", "es", "pt", "de", "it", "ru", "ja", "ko", "vi", "th", "ar"]
export const LLAMA_LANGUAGES = ["en", "de", "fr", "it", "pt", "hi", "es", "th"]
export const GEMMA_LANGUAGES = ["en", "de", "fr", "es", "it", "pt", "nl", "pl", "ja", "ko", "zh", "hi", "ar"]
export const PHI_LANGUAGES = ["en", "de", "fr", "es", "it", "pt", "nl", "ja", "ko", "zh", "ar", "ru"]
export const NEMO_LANGUAGES = ["en", "fr", "de", "es", "it", "pt", "ru", "zh", "ja", "ko"]
export const MISTRAL_LANGUAGES = ["en", "fr", "de", "es", "it", "pt", "nl", "pl", "ru", "zh", "ja", "ko"]
