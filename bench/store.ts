export async function storeBench(_a: unknown, _b: unknown): Promise<void> {}
