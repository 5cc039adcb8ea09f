// Words of the catalogue that many of its entries share: licences, recommended sampling, languages. Data and nothing else.

export const LICENCES = {
  apache: {
    name: "Apache-2.0",
    url: "https://www.apache.org/licenses/LICENSE-2.0",
    permissive: true,
  },
  mit: { name: "MIT", url: "https://opensource.org/license/mit", permissive: true },
  gemma: {
    name: "Gemma Terms of Use",
    url: "https://ai.google.dev/gemma/terms",
    permissive: false,
  },
  llama31: {
    name: "Llama 3.1 Community Licence",
    url: "https://www.llama.com/llama3_1/license/",
    permissive: false,
  },
  llama32: {
    name: "Llama 3.2 Community Licence",
    url: "https://www.llama.com/llama3_2/license/",
    permissive: false,
  },
} as const

// Sampling from the model cards (or their generation_config.json).
export const SAMPLING = {
  smollm2: { temperature: 0.2, topP: 0.9 },
  qwen25: { temperature: 0.7, topP: 0.8, topK: 20, repeatPenalty: 1.05 },
  qwen3: { temperature: 0.6, topP: 0.95, topK: 20, minP: 0 },
  gemma3: { temperature: 1, topP: 0.95, topK: 64, minP: 0 },
  llama3: { temperature: 0.6, topP: 0.9 },
  r1: { temperature: 0.6, topP: 0.95 },
} as const

export const LANGUAGES = {
  english: ["en"],
  qwen: ["en", "zh", "fr", "es", "pt", "de", "it", "ru", "ja", "ko", "vi", "th", "ar"],
  llama: ["en", "de", "fr", "it", "pt", "hi", "es", "th"],
  gemma: ["en", "de", "fr", "es", "it", "pt", "nl", "pl", "ja", "ko", "zh", "hi", "ar"],
  phi: ["en", "de", "fr", "es", "it", "pt", "nl", "ja", "ko", "zh", "ar", "ru"],
  nemo: ["en", "fr", "de", "es", "it", "pt", "ru", "zh", "ja", "ko"],
  mistral: ["en", "fr", "de", "es", "it", "pt", "nl", "pl", "ru", "zh", "ja", "ko"],
} as const
