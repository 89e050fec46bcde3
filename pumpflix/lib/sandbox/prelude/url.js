// The URL class (WHATWG), for the schemes that workflows meet.
"use strict";

((pf) => {
  const { URLSearchParams } = pf.webGlobals;
  const defaultPorts = { "http:": "80", "https:": "443", "ftp:": "21", "ws:": "80", "wss:": "443" };
  const isSpecial = (protocol) => pf.own(defaultPorts, protocol);
  const shape =
    /^([a-z][a-z0-9+.-]*:)?(?:\/\/(?:([^/?#:@]*)(?::([^/?#@]*))?@)?(\[[^\]]*\]|[^/?#:]*)(?::(\d*))?)?([^?#]*)(\?[^#]*)?(#.*)?$/is;

  const escapeWith = (pattern) => (text) => text.replace(pattern, (char) => encodeURIComponent(char.toWellFormed()));
  const escapePath = escapeWith(/[^!$&-;=@A-Z[\]_a-z~%|^]/gu);
  const escapeQuery = escapeWith(/[^!$%&(-;=?-~]/gu);
  const escapeHash = escapeWith(/[^!#-;=?-_a-~]/gu);

  /** A path without `.` and `..`. */
  function normalPath(path) {
    const kept = [];
    const segments = path.split("/");
    segments.forEach((segment, index) => {
      const isLast = index === segments.length - 1;
      if (/^(\.|%2e){2}$/i.test(segment)) {
        if (kept.length > 1) kept.pop();
        if (isLast) kept.push("");
      } else if (/^(\.|%2e)$/i.test(segment)) {
        if (isLast) kept.push("");
      } else {
        kept.push(segment);
      }
    });
    return kept.join("/");
  }

  function invalid(text) {
    const error = new TypeError("Invalid URL");
    pf.hide(error, "code", "ERR_INVALID_URL");
    pf.hide(error, "input", text);
    return error;
  }

  function fields(text) {
    const clean = text.trim().replace(/[\t\n\r]/g, "");
    const [, protocol, username, password, hostname, port, path, search, hash] = shape.exec(clean) ?? [];
    return { protocol: protocol?.toLowerCase(), username, password, hostname, port, path, search, hash };
  }

  function absolute(text) {
    const found = fields(
      isSpecial(/^[a-z]+:/i.exec(text.trim())?.[0].toLowerCase()) ? text.replaceAll("\\", "/") : text,
    );
    if (!found.protocol) throw invalid(text);
    if (!isSpecial(found.protocol)) return { ...found, hostname: found.hostname ?? "", path: found.path };
    if (!found.hostname || /[\s<>^|%]/.test(found.hostname)) throw invalid(text);
    const port = found.port === defaultPorts[found.protocol] ? "" : found.port;
    if (Number(port ?? 0) > 65535) throw invalid(text);
    return { ...found, hostname: found.hostname.toLowerCase(), port, path: normalPath(found.path || "/") };
  }

  function resolved(text, base) {
    if (base === undefined) return absolute(text);
    const found = fields(text);
    if (found.protocol) return absolute(text);
    const root = new URL(String(base));
    const start = `${root.protocol}//${root.username ? `${root.username}:${root.password}@` : ""}${root.host}`;
    if (found.hostname !== undefined) return absolute(root.protocol + text.trim());
    const tail = (found.search ?? "") + (found.hash ?? "");
    if (found.path.startsWith("/")) return absolute(start + found.path + tail);
    if (found.path) return absolute(start + root.pathname.replace(/[^/]*$/, "") + found.path + tail);
    return absolute(start + root.pathname + (found.search ?? root.search) + (found.hash ?? ""));
  }

  class URL {
    #parts;
    #params;

    constructor(text, base = undefined) {
      this.#read(resolved(String(text), base));
    }

    #read({ protocol, username = "", password = "", hostname, port = "", path, search = "", hash = "" }) {
      const query = search === "?" ? "" : escapeQuery(search);
      const fragment = hash === "#" ? "" : escapeHash(hash);
      this.#parts = {
        protocol,
        username,
        password,
        hostname,
        port,
        pathname: escapePath(path),
        search: query,
        hash: fragment,
      };
      this.#params = new URLSearchParams(query, (params) => {
        const written = params.toString();
        this.#parts.search = written && `?${written}`;
      });
    }

    #write(part, value) {
      const changed = { ...this.#parts, [part]: String(value) };
      const mark = { search: "?", hash: "#" }[part];
      if (mark && changed[part] && !changed[part].startsWith(mark)) changed[part] = mark + changed[part];
      if (part === "protocol") changed.protocol = `${changed.protocol.replace(/:$/, "")}:`;
      if (part === "pathname" && !changed.pathname.startsWith("/")) changed.pathname = `/${changed.pathname}`;
      this.#read({ ...changed, path: changed.pathname });
    }

    get searchParams() {
      return this.#params;
    }

    get host() {
      const { hostname, port } = this.#parts;
      return port ? `${hostname}:${port}` : hostname;
    }

    set host(value) {
      const [hostname, port = ""] = String(value).split(":");
      this.#write("hostname", hostname);
      this.#write("port", port);
    }

    get origin() {
      return isSpecial(this.#parts.protocol) ? `${this.#parts.protocol}//${this.host}` : "null";
    }

    get href() {
      const { protocol, username, password, pathname, search, hash } = this.#parts;
      const user = username ? `${username}${password ? `:${password}` : ""}@` : "";
      const slashes = isSpecial(protocol) || this.#parts.hostname ? "//" : "";
      return `${protocol}${slashes}${user}${this.host}${pathname}${search}${hash}`;
    }

    set href(value) {
      this.#read(absolute(String(value)));
    }

    toString() {
      return this.href;
    }

    toJSON() {
      return this.href;
    }

    static canParse(text, base = undefined) {
      return URL.parse(text, base) !== null;
    }

    static parse(text, base = undefined) {
      try {
        return new URL(text, base);
      } catch {
        return null;
      }
    }

    static {
      for (const part of ["protocol", "username", "password", "hostname", "port", "pathname", "search", "hash"]) {
        Object.defineProperty(URL.prototype, part, {
          get() {
            return this.#parts[part];
          },
          set(value) {
            this.#write(part, value);
          },
          enumerable: true,
          configurable: true,
        });
      }
    }
  }

  pf.URL = URL;
})(globalThis.__pf);
