// Reading a QR code from a picture: the browser's own detector where there is one, else jsQR, fetched when first needed.
const LARGEST = 1600;
const VENDORED = new URL("./vendor/jsqr-1.4.0/jsQR.js", import.meta.url).href;

/** The text of the code on a picture (a Blob or a data: address), or null when there is none. */
export async function readPicture(picture) {
  const image = await decode(picture);
  return (await byDetector(image)) ?? (await byScript(image));
}

async function decode(picture) {
  const image = new Image();
  const address = typeof picture === "string" ? picture : URL.createObjectURL(picture);
  try {
    image.src = address;
    await image.decode();
    return image;
  } finally {
    if (typeof picture !== "string") URL.revokeObjectURL(address);
  }
}

async function byDetector(image) {
  if (!("BarcodeDetector" in window)) return null;
  try {
    const found = await new window.BarcodeDetector({ formats: ["qr_code"] }).detect(image);
    return found[0]?.rawValue ?? null;
  } catch {
    return null; // the class exists but the platform has no detector behind it
  }
}

async function byScript(image) {
  const read = await jsQR();
  const { width, height } = size(image);
  // Codes drawn without a quiet zone are read once a white margin is put round them; small ones once enlarged.
  for (const zoom of [1, 2, 0.5]) {
    const pixels = raster(image, Math.round(width * zoom), Math.round(height * zoom));
    const found = read(pixels.data, pixels.width, pixels.height, { inversionAttempts: "attemptBoth" });
    if (found?.data) return found.data;
  }
  return null;
}

function size(image) {
  const width = image.naturalWidth || 300; // an SVG without size
  const height = image.naturalHeight || 300;
  const shrink = Math.min(1, LARGEST / Math.max(width, height));
  return { width: width * shrink, height: height * shrink };
}

function raster(image, width, height) {
  const margin = 24;
  const canvas = document.createElement("canvas");
  canvas.width = width + 2 * margin;
  canvas.height = height + 2 * margin;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingEnabled = false;
  pen.drawImage(image, margin, margin, width, height);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

let loading;

function jsQR() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = VENDORED;
    script.onload = () => resolve(window.jsQR);
    script.onerror = () => reject(new Error("jsQR did not load"));
    document.head.append(script);
  });
  return loading;
}
