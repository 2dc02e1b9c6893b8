import { fileURLToPath } from 'node:url'

/** Served by the coordinator from any address: relative links, nothing from elsewhere. */
export default {
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  logLevel: 'error',
  build: {
    outDir: 'dist/page',
    emptyOutDir: true,
    target: 'es2022',
    reportCompressedSize: false,
    assetsInlineLimit: 0,
  },
}
