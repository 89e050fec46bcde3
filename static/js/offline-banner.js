// <offline-banner>: says that the connection is gone for as long as it is, and lets seen pages be read meanwhile.
class OfflineBanner extends HTMLElement {
  connectedCallback() {
    addEventListener("online", this);
    addEventListener("offline", this);
    this.handleEvent();
    navigator.serviceWorker?.register("/service-worker.js").catch(() => {
      // without it pages cannot be read offline; everything else is as before
    });
  }

  disconnectedCallback() {
    removeEventListener("online", this);
    removeEventListener("offline", this);
  }

  handleEvent() {
    this.hidden = navigator.onLine;
  }
}

customElements.define("offline-banner", OfflineBanner);
