"""The place: floors, trades, merchants with their stores, and what they sell. Invented names, no real marks."""

from dataclasses import dataclass

BUILDING = ("A", "栖梧里", "Qiwuli")
FLOORS = (("B1", "B1 美食", "B1 Food"), ("1F", "1F 中庭", "1F Atrium"), ("2F", "2F 亲子", "2F Family"),
          ("3F", "3F 生活", "3F Living"), ("4F", "4F 影院", "4F Cinema"))  # fmt: skip
TRADES = (
    ("kids", "亲子", "Kids"), ("fashion", "服饰", "Fashion"), ("food", "餐饮", "Food"), ("drink", "饮品甜点", "Drinks"),
    ("living", "生活", "Living"), ("beauty", "美妆个护", "Beauty"), ("books", "书与文具", "Books"), ("fun", "玩乐", "Fun"),
    ("market", "超市便利", "Market"), ("services", "服务", "Services"),
)  # fmt: skip


@dataclass(frozen=True)
class Shop:
    """A merchant: `goods` are (name, spec, price in fen, picture)."""

    name: str
    name_en: str
    trade: str
    units: tuple[str, ...]
    logo: str
    commission_bp: int
    goods: tuple[tuple[str, str, int, str], ...]
    story: str = ""
    joins_tiers: bool = False
    weight: int = 10


def _goods(*rows: tuple[str, str, float, str]) -> tuple[tuple[str, str, int, str], ...]:
    return tuple((name, spec, round(yuan * 100), picture) for name, spec, yuan, picture in rows)


SHOPS = (
    Shop("小禾童装", "Xiaohe Kids", "kids", ("2F-207",), "shop-clothes", 500, _goods(
        ("儿童抓绒外套", "海盐蓝 · 110 cm", 129, "fleece"), ("纯棉打底衫", "米白 · 110 cm", 39, "shirt"),
        ("儿童中筒袜 3 双装", "树莓粉 · S", 15, "socks"), ("灯芯绒背带裤", "驼色 · 100 cm", 119, "trousers"),
        ("小熊针织帽", "燕麦色", 45, "hat"), ("环保袋", "", 2, "bag"), ("礼品包装", "", 8, "gift"), ("改裤脚", "", 15, "scissors"),
        ("发圈", "", 6, "ring"), ("发夹", "", 9, "clip")),
        "从一家裁缝铺长出来的童装店，布料都先给自己的孩子穿过。", True, 30),
    Shop("阿橘玩具", "Aju Toys", "kids", ("2F-211", "1F-118"), "shop-toys", 500, _goods(
        ("木轨小火车", "32 件", 168, "train"), ("磁力拼片", "60 片", 139, "tiles"), ("布偶小狐狸", "30 cm", 79, "fox"),
        ("泡泡相机", "", 49, "bubble"), ("拼图 · 海边", "200 片", 59, "puzzle"), ("扭扭彩泥", "12 色", 35, "clay")),
        "橘色招牌下，永远有一张可以坐下来玩的小桌。", False, 24),
    Shop("山下面馆", "Shanxia Noodles", "food", ("B1-012", "4F-406"), "shop-noodle", 300, _goods(
        ("招牌牛肉面", "大碗", 32, "noodles"), ("葱油拌面", "", 18, "noodles"), ("红油抄手", "8 只", 22, "bowl"),
        ("凉拌黄瓜", "", 12, "bowl"), ("卤蛋", "", 4, "bowl"), ("酸梅汤", "", 8, "cup"))
        , "每天清早熬一锅牛骨汤，卖完就收。", False, 40),
    Shop("第三杯咖啡", "Third Cup", "drink", ("1F-103", "4F-402"), "shop-coffee", 400, _goods(
        ("拿铁", "热 · 中杯", 28, "cup"), ("美式", "冰 · 大杯", 22, "cup"), ("燕麦拿铁", "热 · 中杯", 32, "cup"),
        ("可颂", "", 16, "bread"), ("巴斯克", "切片", 34, "cake")), "头两杯谈事，第三杯聊天。", True, 44),
    Shop("闲页书店", "Idle Pages", "books", ("3F-305",), "shop-books", 300, _goods(
        ("小城四季", "平装", 48, "book"), ("给孩子的星图", "精装", 88, "book"), ("手账本", "A5", 39, "book"), ("书签", "黄铜", 25, "clip")),
        "", True, 16),
    Shop("云上影城", "Cloud Cinema", "fun", ("4F-401",), "shop-cinema", 600, _goods(
        ("电影票", "2D", 45, "ticket"), ("电影票", "巨幕", 68, "ticket"), ("爆米花", "大份", 32, "popcorn"), ("可乐", "中杯", 15, "cup")),
        "", False, 34),
    Shop("木白家居", "Mubai Living", "living", ("3F-310",), "shop-shop", 500, _goods(
        ("陶瓷马克杯", "雾灰", 59, "cup"), ("亚麻桌布", "140 × 200", 169, "cloth"), ("香薰蜡烛", "雨后", 128, "candle"), ("收纳篮", "中", 79, "basket")),
        "", False, 12),
    Shop("棉里家纺", "Mianli Home", "living", ("3F-312",), "shop-shop", 500, _goods(
        ("全棉四件套", "1.5 m", 399, "cloth"), ("乳胶枕", "", 259, "pillow"), ("浴巾", "", 69, "cloth")), "", False, 10),
    Shop("鲜集超市", "Xianji Market", "market", ("B1-001",), "shop-shop", 150, _goods(
        ("云南苹果", "500 g", 9.9, "apple"), ("鲜牛奶", "950 ml", 18.5, "milk"), ("土鸡蛋", "10 枚", 16.8, "egg"), ("挂面", "1 kg", 8.9, "noodles"),
        ("橄榄油", "500 ml", 59, "bottle"), ("抽纸", "6 包", 19.9, "box"), ("洗衣液", "2 kg", 32.9, "bottle")), "", True, 70),
    Shop("糖不甩甜品", "Tangbushuai", "drink", ("B1-020",), "shop-noodle", 400, _goods(
        ("糖不甩", "", 16, "bowl"), ("双皮奶", "", 18, "bowl"), ("杨枝甘露", "", 25, "cup")), "", False, 20),
    Shop("一叶茶饮", "One Leaf Tea", "drink", ("1F-108", "B1-022"), "shop-coffee", 400, _goods(
        ("茉莉轻乳茶", "中杯", 16, "cup"), ("葡萄果茶", "大杯", 19, "cup"), ("手打柠檬茶", "大杯", 15, "cup")), "", False, 46),
    Shop("炭里烤肉", "Tanli Grill", "food", ("B1-008",), "shop-noodle", 350, _goods(
        ("双人套餐", "", 198, "grill"), ("雪花牛肉", "", 68, "grill"), ("五花肉", "", 38, "grill"), ("冷面", "", 26, "noodles")), "", True, 18),
    Shop("渔火粤菜", "Yuhuo Cantonese", "food", ("4F-408",), "shop-noodle", 350, _goods(
        ("虾饺皇", "4 只", 32, "bowl"), ("白切鸡", "半只", 78, "bowl"), ("煲仔饭", "", 42, "bowl"), ("例汤", "", 28, "bowl")), "", False, 16),
    Shop("椒房川菜", "Jiaofang Sichuan", "food", ("4F-410",), "shop-noodle", 350, _goods(
        ("水煮鱼", "", 98, "bowl"), ("夫妻肺片", "", 42, "bowl"), ("麻婆豆腐", "", 28, "bowl"), ("米饭", "", 3, "bowl")), "", False, 18),
    Shop("北归火锅", "Beigui Hotpot", "food", ("4F-412",), "shop-noodle", 350, _goods(
        ("双人锅", "", 168, "grill"), ("四人锅", "", 338, "grill"), ("手切羊肉", "", 58, "grill")), "", True, 16),
    Shop("麦田烘焙", "Wheatfield", "drink", ("1F-110",), "shop-coffee", 400, _goods(
        ("海盐卷", "", 9, "bread"), ("吐司", "450 g", 24, "bread"), ("生日蛋糕", "6 寸", 188, "cake")), "", True, 28),
    Shop("青禾女装", "Qinghe Women", "fashion", ("1F-121",), "shop-clothes", 600, _goods(
        ("羊毛大衣", "驼色 · M", 899, "coat"), ("针织开衫", "杏色", 329, "shirt"), ("半身裙", "格纹", 269, "skirt")), "", True, 10),
    Shop("阔野男装", "Kuoye Men", "fashion", ("1F-123",), "shop-clothes", 600, _goods(
        ("工装夹克", "军绿 · L", 469, "coat"), ("牛津衬衫", "白 · L", 199, "shirt"), ("直筒裤", "32", 259, "trousers")), "", False, 10),
    Shop("跑者体育", "Runner Sports", "fashion", ("1F-126",), "shop-clothes", 500, _goods(
        ("慢跑鞋", "42", 499, "shoe"), ("速干短袖", "L", 99, "shirt"), ("运动水壶", "", 69, "bottle")), "", True, 12),
    Shop("步云鞋铺", "Buyun Shoes", "fashion", ("1F-128",), "shop-clothes", 500, _goods(
        ("乐福鞋", "38", 359, "shoe"), ("帆布鞋", "40", 169, "shoe")), "", False, 8),
    Shop("行囊箱包", "Xingnang Bags", "fashion", ("1F-130",), "shop-shop", 500, _goods(
        ("通勤双肩包", "", 269, "bag"), ("登机箱", "20 寸", 459, "case")), "", False, 6),
    Shop("素颜美妆", "Suyan Beauty", "beauty", ("1F-105",), "shop-beauty", 600, _goods(
        ("保湿面霜", "50 g", 168, "bottle"), ("口红", "豆沙", 129, "lip"), ("面膜", "5 片", 59, "box")), "", True, 18),
    Shop("初见美发", "Chujian Hair", "services", ("3F-318",), "shop-beauty", 400, _goods(
        ("剪发", "总监", 128, "scissors"), ("护理", "", 198, "bottle")), "", False, 8),
    Shop("指间美甲", "Zhijian Nails", "services", ("3F-320",), "shop-beauty", 400, _goods(
        ("单色美甲", "", 98, "bottle"), ("卸甲", "", 30, "bottle")), "", False, 7),
    Shop("明眸眼镜", "Mingmou Optics", "services", ("3F-308",), "shop-shop", 500, _goods(
        ("防蓝光镜片", "1.60", 299, "glasses"), ("儿童镜架", "", 199, "glasses")), "", False, 5),
    Shop("彩虹早教", "Rainbow Early", "kids", ("2F-201",), "shop-toys", 300, _goods(
        ("亲子体验课", "一次", 99, "ticket"), ("十次卡", "", 880, "ticket")), "", False, 6),
    Shop("小象母婴", "Little Elephant", "kids", ("2F-205",), "shop-toys", 400, _goods(
        ("纸尿裤", "L 48 片", 99, "box"), ("米粉", "200 g", 45, "box"), ("硅胶餐盘", "", 39, "bowl")), "", True, 18),
    Shop("泡泡游乐", "Bubble Play", "kids", ("2F-215",), "shop-toys", 500, _goods(
        ("单次票", "", 68, "ticket"), ("亲子票", "一大一小", 98, "ticket")), "", False, 20),
    Shop("积木工坊", "Block Studio", "kids", ("2F-213",), "shop-toys", 500, _goods(
        ("拼装体验", "90 分钟", 88, "tiles"), ("积木盒", "小", 129, "tiles")), "", False, 10),
    Shop("笔尖文具", "Nib Stationery", "books", ("2F-209",), "shop-books", 400, _goods(
        ("自动铅笔", "", 18, "pen"), ("彩铅", "36 色", 65, "pen"), ("书包", "小学", 229, "bag")), "", False, 14),
    Shop("有风电玩", "Windy Arcade", "fun", ("4F-403",), "shop-cinema", 500, _goods(
        ("游戏币", "50 枚", 50, "coin"), ("游戏币", "120 枚", 100, "coin")), "", False, 18),
    Shop("十字健身", "Cross Gym", "services", ("4F-420",), "shop-shop", 400, _goods(
        ("单次卡", "", 59, "ticket"), ("月卡", "", 399, "ticket")), "", False, 6),
    Shop("半亩花店", "Half Acre Flowers", "living", ("1F-101",), "shop-shop", 400, _goods(
        ("一周花束", "", 69, "flower"), ("向日葵", "单支", 12, "flower"), ("绿萝", "盆", 39, "flower")), "", False, 10),
    Shop("喵汪宠物", "Meow & Woof", "living", ("3F-322",), "shop-shop", 400, _goods(
        ("猫粮", "1.5 kg", 89, "box"), ("洗护", "小型犬", 98, "bottle")), "", False, 8),
    Shop("果然水果", "Guoran Fruit", "market", ("B1-005",), "shop-shop", 200, _goods(
        ("鲜切果盒", "", 19.9, "apple"), ("蓝莓", "125 g", 15.9, "apple"), ("蜜柚", "个", 16.8, "apple")), "", False, 30),
    Shop("安和药房", "Anhe Pharmacy", "market", ("B1-003",), "shop-shop", 200, _goods(
        ("口罩", "50 只", 19.9, "box"), ("维生素 C", "100 片", 29, "bottle")), "", False, 10),
    Shop("极光数码", "Aurora Digital", "living", ("1F-112",), "shop-shop", 300, _goods(
        ("充电器", "65 W", 99, "box"), ("手机壳", "", 49, "box"), ("蓝牙耳机", "", 299, "box")), "", False, 12),
    Shop("一刻照相馆", "Moment Photo", "services", ("2F-219",), "shop-cinema", 400, _goods(
        ("证件照", "", 59, "photo"), ("全家福", "", 398, "photo")), "", False, 5),
    Shop("银杏珠宝", "Ginkgo Jewels", "fashion", ("1F-106",), "shop-beauty", 800, _goods(
        ("银手链", "", 399, "ring"), ("珍珠耳钉", "", 259, "ring")), "", False, 4),
    Shop("栖梧里服务台", "Qiwuli Desk", "services", ("1F-100",), "shop-shop", 0, _goods(
        ("购物袋", "", 1, "bag"), ("雨伞", "", 39, "umbrella"), ("文创明信片", "套", 28, "book")),
        "商圈自营：咨询、礼品与文创。", True, 6),
)  # fmt: skip


def barcode(shop: int, item: int) -> str:
    """A valid EAN-13 for the item of a shop; the three of the story have their own."""
    told = {(0, 0): "690123456789", (0, 1): "690123456712", (0, 2): "690123456745"}
    body = told.get((shop, item)) or f"690{7000 + shop:04d}{item + 1:05d}"
    odd = sum(int(digit) for digit in body[::2])
    even = sum(int(digit) for digit in body[1::2])
    return body + str(-(odd + 3 * even) % 10)
