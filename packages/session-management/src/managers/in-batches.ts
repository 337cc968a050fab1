/** Deletes some, again and again until less is left than one batch, or it is stopped; how many went. */
export async function inBatches(
  batch: number,
  stop: AbortSignal,
  deleteSome: (limit: number) => Promise<number>,
  onProgress: (deleted: number) => void = () => undefined,
): Promise<number> {
  let deleted = 0;
  for (let last = batch; last === batch && !stop.aborted; ) {
    last = await deleteSome(batch);
    deleted += last;
    onProgress(deleted);
  }
  return deleted;
}
