// Icons in the color of the surrounding text.

const SHAPES = {
  send: ["M4 12h15", "M12 5l7 7-7 7"],
  toApp: ["M5 12h14", "M13 6l6 6-6 6"],
  fromApp: ["M19 12H5", "M11 6l-6 6 6 6"],
  check: ["M5 12.5l4.5 4.5L19 7.5"],
  bot: ["M12 4v4", "M6 8h12a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2z", "M9 12.5v2", "M15 12.5v2"],
  people: ["M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z", "M2.5 20a6.5 6.5 0 0 1 13 0", "M16 4.5a3.5 3.5 0 0 1 0 6.5", "M17.5 14a6.5 6.5 0 0 1 4 6"],
  nobody: ["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z", "M8 12h8"],
  image: ["M4 5h16v14H4z", "M4 16l5-5 4 4 3-3 4 4", "M15.5 9h.01"],
  audio: ["M9 18V6l10-2v12", "M9 18a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z", "M19 16a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z"],
  video: ["M3 6h12v12H3z", "M15 10.5l6-3.5v10l-6-3.5"],
  file: ["M6 3h8l4 4v14H6z", "M14 3v4h4"],
  link: ["M10 14a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1 1", "M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1-1"],
  ad: ["M4 10v4h3l8 4V6l-8 4z", "M18.5 9.5a4 4 0 0 1 0 5"],
  plus: ["M12 5v14", "M5 12h14"],
  close: ["M6 6l12 12", "M18 6L6 18"],
  more: ["M6 12h.01", "M12 12h.01", "M18 12h.01"],
  clock: ["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z", "M12 7.5V12l3 2"],
  fault: ["M13 3L5 14h6l-1 7 8-11h-6z"],
  settings: ["M4 7h9", "M17 7h3", "M15 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z", "M4 17h3", "M11 17h9", "M9 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z"],
  sun: ["M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8z", "M12 2.5v2", "M12 19.5v2", "M2.5 12h2", "M19.5 12h2", "M5.3 5.3l1.4 1.4", "M17.3 17.3l1.4 1.4", "M5.3 18.7l1.4-1.4", "M17.3 6.7l1.4-1.4"],
  moon: ["M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z"],
  wide: ["M14 5h5v5", "M19 5l-6 6", "M10 19H5v-5", "M5 19l6-6"],
  phone: ["M8 3h8a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2z", "M11 18h2"],
  list: ["M4 6h16", "M4 12h16", "M4 18h10"],
  inbox: ["M4 13l2.5-8h11L20 13v6H4z", "M4 13h5a3 3 0 0 0 6 0h5"],
  flag: ["M6 21V4", "M6 5h11l-2 4 2 4H6"],
  key: ["M8 15.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8z", "M12 11.5h9", "M18 11.5v4"],
  alert: ["M12 4L2.5 20h19z", "M12 10v4.5", "M12 17.2h.01"],
  share: ["M12 15V4", "M8 7.5L12 3.5l4 4", "M5 13v7h14v-7"],
  trash: ["M5 7h14", "M9 7V4h6v3", "M7 7l1 13h8l1-13"],
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [key, value] of Object.entries({
    class: "icon", viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": "2",
    "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true",
  })) svg.setAttribute(key, value);
  for (const d of SHAPES[name] ?? SHAPES.file) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}
