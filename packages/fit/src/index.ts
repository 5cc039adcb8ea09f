export { type ContextRoom, contextRoom } from "./context-room.ts"
export { describeBytes } from "./describe-bytes.ts"
export { type DeterministicVerdict, deterministicVerdict } from "./deterministic-verdict.ts"
export {
  adviseCopy,
  type CopyAdvice,
  gainOf,
  type KernelSpeed,
  type KernelSpeeds,
  type SpeedGain,
} from "./kernel-speeds.ts"
export type { FitVerdict, KvType, LoadPlan, LoadWish, MemoryNeed } from "./load-plan.ts"
export { memoryBudget } from "./memory-budget.ts"
export { canQuantizeKv, type MemoryChoices, needOf, outputRowsOf } from "./memory-need.ts"
export { estimateShape, type ModelOutline, type ModelShape, readShape } from "./model-shape.ts"
export { type PlanQuestion, planLoad } from "./plan-load.ts"
export { type Proposable, type Proposal, proposeModel } from "./propose-model.ts"
export { type MeasuredMachine, rateSpeed, type SpeedLabel, type SpeedRating } from "./rate-speed.ts"
