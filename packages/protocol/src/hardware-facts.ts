// What a machine is, as far as fitting a model to it needs. `host` reads it; `engine` adds the devices that llama.cpp sees.
import { z } from "zod"

export const ComputeDevice = z.object({
  name: z.string(),
  description: z.string(),
  kind: z.enum(["cpu", "gpu", "accelerator"]),
  memoryBytes: z.int().min(0),
  freeMemoryBytes: z.int().min(0),
})
export type ComputeDevice = z.infer<typeof ComputeDevice>

export const HardwareFacts = z.object({
  platform: z.string(),
  arch: z.string(),
  cpuModel: z.string(),
  /** Processor features that matter to inference: avx2, avx512f, avx512_vnni, neon, … */
  cpuFeatures: z.array(z.string()),
  /** Logical processors this process may run on (affinity and cgroup quota counted). */
  usableCpus: z.array(z.int()),
  physicalCores: z.int().min(1),
  totalMemoryBytes: z.int(),
  availableMemoryBytes: z.int(),
  /** The smaller of the cgroup's limit and the machine's memory. */
  memoryLimitBytes: z.int(),
  diskFreeBytes: z.int(),
  diskTotalBytes: z.int(),
  onBattery: z.boolean().nullable(),
  devices: z.array(ComputeDevice),
})
export type HardwareFacts = z.infer<typeof HardwareFacts>
