import { Skeleton, Stack } from "@mantine/core"

/** Stands where a list will be, as high as it. */
export function SkeletonList({ rows, height = 44 }: { readonly rows: number; readonly height?: number }) {
  return (
    <Stack gap="xs" aria-hidden="true">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike and never move
        <Skeleton key={row} height={height} />
      ))}
    </Stack>
  )
}
