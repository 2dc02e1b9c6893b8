/** A module that Vite bundles for a thread of its own; the import is its address. */
declare module '*?worker&url' {
  const url: string
  export default url
}
