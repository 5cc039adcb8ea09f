export type { FitVerdict, KvType, LoadPlan, LoadWish, MemoryNeed } from "./load-plan.ts"
