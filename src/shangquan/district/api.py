"""The merchant directory for everyone; merchants, stores and products for those who keep them."""

from datetime import datetime, time
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from shangquan.district import door, queries
from shangquan.district.contracts import MerchantCard, MerchantDraft, MerchantStatus, ProductDraft, StoreDraft
from shangquan.identity.api import anyone, right
from shangquan.kernel import clock
from shangquan.kernel.transactions import transaction

router = Router(tags=["district"])


class FloorOut(Schema):
    id: int
    code: str
    name: str
    name_en: str
    sort: int
    building_id: int
    building: str


class CategoryOut(Schema):
    id: int
    code: str
    name: str
    name_en: str


class StoreOut(Schema):
    id: int
    merchant_id: int
    merchant: str
    name: str
    name_en: str
    unit: str
    floor_id: int | None
    floor: str
    building: str
    open_from: time
    open_to: time
    tables: int
    phone: str
    is_trading: bool


class PublicMerchantOut(Schema):
    """What a visitor sees: nothing of the terms between owner and merchant."""

    id: int
    name: str
    name_en: str
    category_id: int | None
    category: str
    story: str
    logo: str


class EntryOut(Schema):
    merchant: PublicMerchantOut
    stores: list[StoreOut]


class MerchantOut(PublicMerchantOut):
    status: MerchantStatus
    commission_bp: int
    joins_tiers: bool
    joins_points: bool
    is_own: bool


class LineOut(Schema):
    merchant: MerchantOut
    stores: int
    products: int
    applied_at: datetime


class ProductOut(Schema):
    id: int
    merchant_id: int
    barcode: str
    name: str
    name_en: str
    spec: str
    price_fen: int
    category: str
    picture: str
    points_multiplier_bp: int
    is_active: bool


class DirectoryQuery(Schema):
    has: str = Field("", max_length=20, description="new 有新品、offer 有优惠、activity 有活动")
    floor_id: int | None = None
    category_id: int | None = None
    text: str = Field("", max_length=60)
    after_name: str = Field("", max_length=60)
    after_id: int = 0
    limit: int = Field(50, ge=1, le=200)


class PageQuery(Schema):
    status: str = Field("", max_length=10)
    merchant_id: int | None = None
    text: str = Field("", max_length=60)
    after_name: str = Field("", max_length=80)
    after_id: int = 0
    limit: int = Field(50, ge=1, le=200)


class StoreIn(Schema):
    name: str = Field(max_length=60)
    unit: str = Field(max_length=20)
    floor: str = Field("", max_length=8)
    name_en: str = Field("", max_length=80)
    open_from: time = time(10)
    open_to: time = time(22)
    tables: int = Field(0, ge=0, le=999)
    phone: str = Field("", max_length=30)

    def draft(self) -> StoreDraft:
        return StoreDraft(**self.dict())


class ApplyIn(Schema):
    name: str = Field(max_length=60)
    name_en: str = Field("", max_length=80)
    category: str = Field("", max_length=30)
    story: str = Field("", max_length=2000)
    contact_name: str = Field(max_length=40)
    contact_phone: str = Field(max_length=30)
    stores: list[StoreIn] = Field(default=[], max_length=20)


class ReviewIn(Schema):
    accepted: bool
    reason: str = Field("", max_length=200)
    commission_bp: int = Field(0, ge=0, le=10_000)
    joins_tiers: bool = False
    joins_points: bool = True


class ReasonIn(Schema):
    reason: str = Field(max_length=200)


class ProductIn(Schema):
    name: str = Field(max_length=80)
    price_fen: int = Field(ge=0, le=100_000_000)
    barcode: str = Field("", max_length=13)
    name_en: str = Field("", max_length=100)
    spec: str = Field("", max_length=60)
    category: str = Field("", max_length=40)
    picture: str = Field("", max_length=120)
    points_multiplier_bp: int = Field(10_000, ge=0, le=1_000_000)
    is_active: bool = True

    def draft(self) -> ProductDraft:
        return ProductDraft(**self.dict())


class IdOut(Schema):
    id: int


@router.get("/floors", auth=anyone, response=list[FloorOut], summary="楼层 Floors")
def get_floors(request: HttpRequest) -> Any:
    return door.floors()


@router.get("/categories", auth=anyone, response=list[CategoryOut], summary="业态 Categories")
def get_categories(request: HttpRequest) -> Any:
    return door.categories()


@router.get("/directory", auth=anyone, response=list[EntryOut], summary="商户名录 Directory")
def get_directory(request: HttpRequest, query: Query[DirectoryQuery]) -> Any:
    """Active merchants by name; `after_name` and `after_id` are those of the last merchant of the page above."""
    return door.directory(
        now=clock.now(),
        has=query.has,
        floor_id=query.floor_id,
        category_id=query.category_id,
        text=query.text,
        after=(query.after_name, query.after_id) if query.after_id else None,
        limit=query.limit,
    )


@router.get("/merchants/{merchant_id}/products", auth=anyone, response=list[ProductOut], summary="商品 Goods for sale")
def get_products(request: HttpRequest, merchant_id: int) -> Any:
    """Empty for a merchant that does not trade."""
    return door.products(merchant_id)


@router.post("/applications", auth=anyone, response={201: IdOut}, summary="申请入驻 Apply")
def post_application(request: HttpRequest, body: ApplyIn) -> Status[IdOut]:
    values = body.dict(exclude={"stores"})
    draft = MerchantDraft(**values, stores=[store.draft() for store in body.stores])
    with transaction():
        return Status(201, IdOut(id=door.apply_merchant(draft, now=clock.now())))


@router.get("/merchants", auth=right("merchants.read"), response=list[LineOut], summary="商户 Merchants")
def get_merchants(request: HttpRequest, query: Query[PageQuery]) -> Any:
    """By name; a merchant's staff see their own."""
    after = (query.after_name, query.after_id) if query.after_id else None
    return queries.console_page(status=query.status, text=query.text, after=after, limit=query.limit)


@router.post(
    "/merchants/{merchant_id}/review", auth=right("merchants.review"), response=MerchantOut, summary="审核 Review"
)
def post_review(request: HttpRequest, merchant_id: int, body: ReviewIn) -> MerchantCard:
    with transaction():
        door.review_merchant(merchant_id, now=clock.now(), **body.dict())
    return door.merchant(merchant_id)


@router.post(
    "/merchants/{merchant_id}/suspend", auth=right("merchants.review"), response=MerchantOut, summary="停业 Suspend"
)
def post_suspend(request: HttpRequest, merchant_id: int, body: ReasonIn) -> MerchantCard:
    """Out of sight for consumers and signed out with the commit."""
    with transaction():
        door.suspend_merchant(merchant_id, reason=body.reason, now=clock.now())
    return door.merchant(merchant_id)


@router.post(
    "/merchants/{merchant_id}/resume", auth=right("merchants.review"), response=MerchantOut, summary="恢复 Resume"
)
def post_resume(request: HttpRequest, merchant_id: int) -> MerchantCard:
    with transaction():
        door.resume_merchant(merchant_id, now=clock.now())
    return door.merchant(merchant_id)


@router.post(
    "/merchants/{merchant_id}/stores", auth=right("merchants.edit"), response={201: IdOut}, summary="加门店 Add"
)
def post_store(request: HttpRequest, merchant_id: int, body: StoreIn) -> Status[IdOut]:
    with transaction():
        return Status(201, IdOut(id=door.add_store(merchant_id, body.draft(), now=clock.now())))


@router.put("/stores/{store_id}", auth=right("merchants.edit"), response=StoreOut, summary="改门店 Change a store")
def put_store(request: HttpRequest, store_id: int, body: StoreIn) -> Any:
    with transaction():
        door.change_store(store_id, body.draft(), now=clock.now())
    return door.store(store_id)


@router.get("/products", auth=right("products.read"), response=list[ProductOut], summary="商品管理 Goods")
def get_own_products(request: HttpRequest, query: Query[PageQuery]) -> Any:
    """By name, those out of sale too; a merchant's staff see their own."""
    after = (query.after_name, query.after_id) if query.after_id else None
    return queries.console_products(merchant_id=query.merchant_id, text=query.text, after=after, limit=query.limit)


@router.post(
    "/merchants/{merchant_id}/products", auth=right("products.edit"), response={201: IdOut}, summary="加商品 Add"
)
def post_product(request: HttpRequest, merchant_id: int, body: ProductIn) -> Status[IdOut]:
    with transaction():
        return Status(201, IdOut(id=door.save_product(merchant_id, body.draft(), now=clock.now())))


@router.put(
    "/merchants/{merchant_id}/products/{product_id}", auth=right("products.edit"), response=ProductOut, summary="改商品"
)
def put_product(request: HttpRequest, merchant_id: int, product_id: int, body: ProductIn) -> Any:
    with transaction():
        door.save_product(merchant_id, body.draft(), product_id=product_id, now=clock.now())
    return door.product(product_id)
