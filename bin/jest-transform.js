import { transformSync } from 'esbuild'
import { createHash } from 'node:crypto'

/** TypeScript to ES modules by esbuild: types are stripped, nothing else changes. */
export default {
  process: (source, filename) =>
    transformSync(source, {
      loader: filename.endsWith('x') ? 'tsx' : 'ts',
      format: 'esm',
      target: 'node20',
      sourcemap: 'inline',
      sourcefile: filename,
      jsx: 'automatic',
      jsxImportSource: 'preact',
    }),
  getCacheKey: (source, filename) => createHash('sha1').update(source).update(filename).update('1').digest('hex'),
}
