// One phone alone, at /phone/{user}: it fills a narrow screen and stands in its frame on a wide one.
import { get } from "./net.js";
import "./phone.js";

const phone = document.querySelector("sx-phone");
get("/_phone/api/users").then((answer) => {
  phone.people = answer.users ?? answer;
  phone.refresh();
});
get("/_bench/api/time").then((time) => {
  phone.offset = time.now * 1000 - Date.now();
});
const asked = new URLSearchParams(location.search);
if (asked.has("open")) phone.visit(asked.get("open"));
else if (asked.has("place")) phone.go(asked.get("place"));
