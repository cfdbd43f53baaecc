/** The build hands a style sheet over as its minified text. */
declare module "*.css" {
  const css: string;
  export default css;
}
