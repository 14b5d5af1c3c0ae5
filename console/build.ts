import type { BuildOptions } from 'esbuild'

/** Options for esbuild: the script and the style of the console, into `outdir` as main.js and main.css. Paths are relative to the repository. */
export function consoleBuild(outdir: string): BuildOptions {
  return {
    entryPoints: [
      { in: 'console/browser/main.ts', out: 'main' },
      { in: 'console/style.css', out: 'main' },
    ],
    outdir,
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['es2022', 'safari16'],
    platform: 'browser',
    charset: 'utf8',
    legalComments: 'none',
  }
}
