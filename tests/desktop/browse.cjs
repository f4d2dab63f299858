// Drives the sandbox's browser, as an agent would: node browse.cjs VERB [ARG...]. Run in the project, inside.
//
//   click FILE.png [SEEN] starts a browser with a window, clicks on page.html, takes a picture of the screen; stays
//                         until there is a file SEEN
//   sandbox | policy      of the browser at $PORT: what its own pages say
//   remember WORD | recall  in the profile's storage
//   tabs                  addresses of all pages
//   quit                  ends it as its user would
"use strict";
const { execFileSync } = require("node:child_process");
const { existsSync } = require("node:fs");
const { chromium } = require("playwright-core");

const page_url = `file://${process.cwd()}/page.html`;
const chrome = process.env.CHROME_PATH;

async function click(picture, seen) {
	const browser = await chromium.launch({ executablePath: chrome, headless: false });
	const page = await browser.newPage({ viewport: null });
	await page.goto(page_url);
	await page.click("button");
	await page.waitForFunction(() => document.title === "Somebody has clicked.");
	await page.waitForTimeout(500); // until it is painted
	execFileSync("import-im6.q16", ["-window", "root", picture]);
	while (seen && !existsSync(seen)) await page.waitForTimeout(100);
	console.log(await sandbox(page));
	await browser.close();
}

async function sandbox(page) {
	await page.goto("chrome://sandbox");
	return page.innerText("body");
}

async function policy(page) {
	await page.goto("chrome://policy");
	await page.getByText("ExtensionInstallForcelist").first().waitFor();
	return [
		await page.getByText("ExtensionInstallForcelist").count(),
		await page.getByText("fcoeoabgfenejglbffodgkkbkcdhcgfn").first().innerText(),
	].join(" ");
}

const verbs = {
	sandbox,
	policy,
	remember: async (page, word) => {
		await page.goto(page_url);
		await page.evaluate((value) => localStorage.setItem("word", value), word);
	},
	recall: async (page) => {
		await page.goto(page_url);
		return page.evaluate(() => localStorage.getItem("word"));
	},
	tabs: async (page, browser) =>
		page.context().pages().filter((tab) => tab !== page).map((tab) => tab.url()).join("\n"),
};

async function at_port(verb, word) {
	const browser = await chromium.connectOverCDP(`http://127.0.0.1:${process.env.PORT}`);
	if (verb === "quit") {
		const session = await browser.newBrowserCDPSession();
		await session.send("Browser.close").catch(() => {});
		return;
	}
	const page = await browser.contexts()[0].newPage();
	const said = await verbs[verb](page, word);
	if (said !== undefined) console.log(said);
	await page.close();
	await browser.close();
}

const [verb, word, seen] = process.argv.slice(2);
(verb === "click" ? click(word, seen) : at_port(verb, word)).then(
	() => process.exit(0),
	(error) => {
		console.error(error);
		process.exit(1);
	},
);
