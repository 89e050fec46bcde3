// Data transformation functions of strings: addresses on the web, HTML and Markdown. The patterns are linear: none
// repeats a group that can match the same text in two ways.
"use strict";

((pf) => {
  const { register } = pf.extensions;

  const label = "[\\p{L}\\p{N}](?:[\\p{L}\\p{N}-]{0,61}[\\p{L}\\p{N}])?";
  const host = `(?:${label}\\.)+(?:xn--[a-z0-9-]{1,59}|\\p{L}{2,63})`;
  const port = "(?::\\d{1,5})?";
  const domainOnly = new RegExp(`^${host}${port}$`, "iu");
  const emailPart = "[\\p{L}\\p{N}.!#$%&'*+/=?^_`{|}~-]{1,64}";
  const emailOnly = new RegExp(`^${emailPart}@${host}$`, "iu");
  const emailWithin = new RegExp(`${emailPart}@${host}`, "iu");
  const urlWithin = /https?:\/\/(?:[\p{L}\p{N}][\p{L}\p{N}.-]*|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:[/?#][^\s<>"']*)?/iu;
  const urlOnly =
    /^(?:https?|ftp):\/\/(?:[^\s/?#@]*@)?(?:[\p{L}\p{N}][\p{L}\p{N}.-]*|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:[/?#]\S*)?$/iu;
  const hostOfUrl = /^(?:[a-z][a-z0-9+.-]*:)?(?:\/\/)?(?:[^\s/?#@]*@)?([^\s/?#:@]+)/iu;

  function extractDomain(text) {
    const trimmed = text.trim();
    const found = hostOfUrl.exec(trimmed)?.[1];
    if (!found) return undefined;
    const hasScheme = /^(?:[a-z][a-z0-9+.-]*:)?\/\//i.test(trimmed);
    return hasScheme || new RegExp(`^${host}$`, "iu").test(found) || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(found)
      ? found
      : undefined;
  }

  function extractUrlPath(text) {
    if (!urlOnly.test(text)) return undefined;
    const path = /^[a-z]+:\/\/[^/?#]*([^?#]*)/i.exec(text)[1];
    return path === "" ? "/" : path;
  }

  /** The first URL; a full stop or a bracket that ends the sentence is not part of it. */
  function extractUrl(text) {
    return urlWithin.exec(text)?.[0].replace(/[.,;:!?)\]}]+$/, "");
  }

  const removeTags = (text) => text.replace(/<\/?[a-zA-Z!?][^<>]*>/g, "");

  const markdown = [
    [/^[ \t]{0,3}(?:`{3,}|~{3,}).*$/gm, ""],
    [/^[ \t]{0,3}(?:[-*_][ \t]*){3,}$/gm, ""],
    [/^[ \t]{0,3}#{1,6}[ \t]+/gm, ""],
    [/^[ \t]{0,3}>[ \t]?/gm, ""],
    [/^([ \t]*)(?:[-*+]|\d{1,9}\.)[ \t]+/gm, "$1"],
    [/!\[([^[\]]*)\](?:\([^()]*\)|\[[^[\]]*\])/g, "$1"],
    [/\[([^[\]]*)\](?:\([^()]*\)|\[[^[\]]*\])/g, "$1"],
    [/^[ \t]{0,3}\[[^[\]]+\]:.*$/gm, ""],
    [/(\*{1,3})(\S|\S[^*]*\S)\1/g, "$2"],
    [/(^|[^\p{L}\p{N}_])(_{1,3})(\S|\S[^_]*\S)\2(?![\p{L}\p{N}_])/gu, "$1$3"],
    [/~~([^~]+)~~/g, "$1"],
    [/`([^`]+)`/g, "$1"],
  ];

  function removeMarkdown(text) {
    return markdown.reduce((plain, [pattern, replacement]) => plain.replace(pattern, replacement), removeTags(text));
  }

  register("String", {
    extractDomain,
    extractEmail: (text) => emailWithin.exec(text)?.[0],
    extractUrl,
    extractUrlPath,
    isDomain: (text) => domainOnly.test(text),
    isEmail: (text) => emailOnly.test(text),
    isUrl: (text) => urlOnly.test(text),
    removeMarkdown,
    removeTags,
  });
})(globalThis.__pf);
